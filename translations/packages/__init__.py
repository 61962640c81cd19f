"""Translation packages (.argosmodel): listed, installed, verified, chosen, fetched, removed."""

from translations.packages.catalogue import Known, catalogue, known
from translations.packages.choice import choose, codes
from translations.packages.converting import install_known
from translations.packages.fetching import ARGOS_INDEX, AvailablePackage, available, download
from translations.packages.folder import broken, installed, remove
from translations.packages.installing import install
from translations.packages.package import Package, verify

__all__ = [
    "ARGOS_INDEX",
    "AvailablePackage",
    "Known",
    "Package",
    "available",
    "broken",
    "catalogue",
    "choose",
    "codes",
    "download",
    "install",
    "install_known",
    "installed",
    "known",
    "remove",
    "verify",
]
