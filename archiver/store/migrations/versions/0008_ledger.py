"""The ledger, its stamps, and digests of WARC records as they lie in their files"""

import sqlalchemy as sa
from alembic import op

from archiver.store import types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("capture", sa.Column("record_length", types.Key, nullable=True))
    op.add_column("capture", sa.Column("record_sha256", sa.String(length=64), nullable=True))
    op.add_column("capture", sa.Column("file_sha256", sa.String(length=64), nullable=True))
    op.create_table(
        "ledger",
        sa.Column("seq", types.Key, autoincrement=False, nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("ref", types.Words(), nullable=False),
        sa.Column("payload_sha256", sa.String(length=64), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger")),
        comment="which facts were stored in which order; triggers refuse to change or delete a row",
    )
    op.create_table(
        "stamp",
        sa.Column("id", types.Key, nullable=False),
        sa.Column("seq", types.Key, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("authority", types.Words(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("certificates", types.Words(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stamp")),
        comment="an authority's word that the ledger's head was there at a time; never changed or deleted",
    )
    op.create_index(op.f("ix_stamp_seq"), "stamp", ["seq"], unique=False)
    # A later migration that alters one of these tables in a batch has to make the triggers again: Alembic
    # copies the table on SQLite and leaves its triggers behind.
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        op.execute(
            "CREATE FUNCTION only_added_to() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME; END$$"
        )
    for table in ("ledger", "stamp"):
        if sqlite:
            for event in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"
                )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION only_added_to()"
            )
