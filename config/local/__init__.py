"""One machine stands in for the real servers: PostgreSQL, a broker, a mail server, the CRM.

Nothing here is used in production. There the addresses come from the environment (`.env.example`).
"""
