"""What the tick looks after in campaigns."""
