"""What Alembic runs: the steps, on the connection and in the transaction of `open_store`."""

from alembic import context

if __name__ == "env_py":  # the name under which Alembic runs this file
    context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
    context.run_migrations()
