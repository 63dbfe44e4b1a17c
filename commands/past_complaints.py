"""Where `tuntas whatif` has its complaints from: a CSV file, the database, or the arrival model."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from complaints.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from complaints.policy import Policy
    from simulation.whatif.spool import Spool


@dataclass(frozen=True, kw_only=True)
class Source:
    """Exactly one of `csv`, `database` and `synthetic`; the other options say how the file is read."""

    csv: Path | None
    database: bool
    synthetic: int | None
    maps: "Sequence[str]"
    fixed: "Sequence[str]"
    values: "Sequence[str]"
    timezone: str
    date_format: str | None
    delimiter: str
    end: datetime | None
    strict: bool

    @property
    def option(self) -> str:
        """The option that named it. Raises `BadInput` if none did, or several."""
        if sum((self.csv is not None, self.synthetic is not None, self.database)) != 1:
            remedy = "give one of --csv, --database and --synthetic"
            raise BadInput("one source is needed", field="--csv", remedy=remedy)
        return "--csv" if self.csv is not None else "--database" if self.database else "--synthetic"

    def fill(self, spool: "Spool", policy: "Policy", seed: int) -> dict[str, Any]:
        """Bring every complaint into the spool; returns what the report says of the source."""
        from simulation.whatif import synthetic

        option = self.option
        if self.csv is not None:
            self._from_file(spool, self.csv)
            about: dict[str, Any] = {"kind": "csv", "file": self.csv.name}
        elif self.synthetic is not None:
            spool.take(synthetic.complaints(self.synthetic, policy, seed), strict=self.strict)
            about = {"kind": "synthetic", "arrivals": synthetic.printed()}
        else:
            self._from_database(spool)
            about = {"kind": "database"}
        if not spool.count:
            raise BadInput("no complaint can be played", field=option, remedy=spool.first_remedy or "give complaints")
        return about

    def _from_file(self, spool: "Spool", path: Path) -> None:
        from simulation.whatif.reading import FIELDS, read
        from starter.csv_mapping import read_mapping

        if len(self.delimiter) != 1:
            raise BadInput("is not one character", field="--delimiter", remedy="give , or ;")
        mapping = read_mapping(self.maps, self.fixed, self.values, self.timezone, self.date_format, fields=FIELDS)
        spool.take(read(path, mapping, delimiter=self.delimiter, until=self.end), strict=self.strict)

    def _from_database(self, spool: "Spool") -> None:
        from commands.session import with_tuntas
        from database import past
        from database.pool import transaction
        from simulation.whatif.reading import of_the_database
        from starter import rpc

        async def read(tuntas: Any) -> None:
            async with rpc.postgres(), transaction(tuntas.pool) as conn:
                async for row in past.fetch_all(conn):
                    spool.take((of_the_database(row, self.end),), strict=self.strict)

        with_tuntas(read, temporal=False)
