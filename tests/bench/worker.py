"""A Celery worker as the product runs it, so that its memory can be weighed."""

from celery import current_app

import config.celery  # noqa: F401  (makes the app the current one)

if __name__ == "__main__":
    import django

    django.setup()
    current_app.worker_main(
        ["worker", "-Q", "tick,delivery,report,jobs", "-c", "2", "--loglevel", "warning"]
    )
