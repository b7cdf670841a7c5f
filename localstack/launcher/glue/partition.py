"""Partitions: those that the catalogue has, and those that S3 has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from launcher.glue import location

Values = tuple[str | None, ...]


class Partitions:
    """The partitions of one table of the catalogue, as they are now."""

    def __init__(self, database: str, table: str) -> None:
        self._database, self._table = database, table

    @property
    def names(self) -> list[str]:
        """The partition keys, in their order."""
        return [str(key["Name"]).lower() for key in self._data.get("PartitionKeys") or []]

    @property
    def place(self) -> str:
        """The location of the table."""
        return str((self._data.get("StorageDescriptor") or {}).get("Location") or "")

    def registered(self) -> dict[Values, str]:
        """What the catalogue has: the location of each partition."""
        from ministack.services import glue

        found = glue._partitions.get(f"{self._database}/{self._table}") or []
        return {
            _values(partition["Values"]): str((partition.get("StorageDescriptor") or {}).get("Location") or "")
            for partition in list(found)}

    def stored(self) -> dict[Values, str]:
        """What S3 has: the folders below the table's location that spell a partition and hold objects."""
        bucket, prefix = location.split(self.place)
        names = self.names
        found: dict[Values, str] = {}
        for _, key in next(location.objects([self.place]), []):
            folders = key[len(prefix):].split("/")[:-1][:len(names)]
            values = location.folder_values("/".join([*folders, ""]))
            if names and list(values) == names:
                found.setdefault(tuple(values.values()), f"s3://{bucket}/{prefix}{'/'.join(folders)}/")
        return found

    def add(self, values: Values, place: str | None = None) -> bool:
        """Registers a partition, below the table's location unless a place is given; false when it is there."""
        from ministack.services import glue

        return bool(glue._create_partition({**self._own, "PartitionInput": self._input(values, place)})[0] == 200)

    def default_place(self, values: Values) -> str:
        """Where a partition is that nobody moved: in its folders below the table's location."""
        return self.place.rstrip("/") + "/" + location.folder(self.names, values)

    def remove(self, values: Values) -> None:
        """Takes a partition out of the catalogue; its objects stay."""
        from ministack.services import glue

        glue._delete_partition({**self._own, "PartitionValues": _written(values)})

    def replace(self, values: Values, wanted: Values, place: str | None) -> None:
        """Gives a partition other values or another place, in one step for whoever reads."""
        from ministack.services import glue

        glue._batch_update_partition({**self._own, "Entries": [
            {"PartitionValueList": _written(values), "PartitionInput": self._input(wanted, place)}]})

    def repair(self) -> list[Values]:
        """Registers what S3 has and the catalogue lacks; returns it.

        Folders whose keys have capitals are passed over, as Athena does.
        """
        known = self.registered()
        missing = {
            values: place for values, place in self.stored().items()
            if values not in known and _is_lower_case(place.split("/")[-len(values) - 1:])}
        return [values for values, place in sorted(missing.items(), key=repr) if self.add(values, place)]

    def spell(self, values: Values) -> str:
        """A partition in Hive's words: `year=2026/month=01`."""
        return location.folder(self.names, values).rstrip("/")

    @property
    def _own(self) -> Mapping[str, str]:
        return {"DatabaseName": self._database, "TableName": self._table}

    @property
    def _data(self) -> dict[str, Any]:
        from ministack.services import glue

        return dict(glue._tables.get(f"{self._database}/{self._table}") or {})

    def _input(self, values: Values, place: str | None) -> dict[str, Any]:
        storage = {**(self._data.get("StorageDescriptor") or {}), "Location": place or self.default_place(values)}
        return {"Values": _written(values), "StorageDescriptor": storage}


def _is_lower_case(folders: Sequence[str]) -> bool:
    names = [part.partition("=")[0] for part in folders]
    return all(name == name.lower() for name in names)


def _values(written: Sequence[str]) -> Values:
    return tuple(None if value == location.NULL_PARTITION else str(value) for value in written)


def _written(values: Values) -> list[str]:
    return [location.NULL_PARTITION if value is None else value for value in values]
