"""What can go wrong between a text and its translation.

    TranslationsError
    ├── PackageError                     anything about a translation package
    │   ├── BadPackage                   a damaged, foreign, hostile or tampered package file or folder
    │   ├── PackageClash                 the same pair and version is installed with other content
    │   ├── NoSuchPackage                no package of that name is installed
    │   ├── NoPackage                    no package translates this pair; the message says what helps
    │   │   └── DemoPackageRefused       only a demonstration package does, and nobody allowed those
    │   ├── LicenceNotAccepted           a model whose licence asks for an agreement that nobody gave
    │   ├── MissingExtra                 an optional part of this project is not installed
    │   ├── IndexUnreadable              the list of available packages cannot be read
    │   └── DownloadFailed               a package file could not be fetched
    ├── BadPairs                         a file of sentences with their references cannot be read
    ├── NoEngine                         a package asks for an engine that is not here
    ├── EngineFailed                     the model itself failed on a text
    └── NoSecondOpinion                  pycld2 was asked for and is not installed

Messages are one line, name the thing and say what would help.
"""

from __future__ import annotations


class TranslationsError(Exception):
    """The root: every error this package raises on purpose."""


class PackageError(TranslationsError):
    """Something is wrong with a translation package, or there is none."""


class BadPackage(PackageError):
    """The file or folder is not a package that may be used: damaged, foreign, hostile or changed."""


class PackageClash(PackageError):
    """A package of the same pair and version, but other content, is installed already."""


class NoSuchPackage(PackageError):
    """No package of that name is installed; the message names those that are."""


class NoPackage(PackageError):
    """No package translates from `source` to `target`; `remedy` is the command that would help."""

    def __init__(self, source: str, target: str, remedy: str | None = None) -> None:
        self.source = source
        self.target = target
        self.remedy = remedy or f"archiver packages install {source}"
        super().__init__(self._line())

    def _line(self) -> str:
        if self.source == "und":
            return f"the language is unknown, so no package can be chosen to translate it to {self.target}"
        return f"no package translates {self.source} to {self.target}; try: {self.remedy}"

    def __reduce__(self) -> tuple[type[NoPackage], tuple[str, str, str]]:
        # Exceptions are pickled by their message; ours are made from three words.
        return type(self), (self.source, self.target, self.remedy)


class DemoPackageRefused(NoPackage):
    """Only a demonstration package knows this pair; it knows a few hundred sentences and nothing else."""

    def _line(self) -> str:
        return (
            f"only a demonstration package translates {self.source} to {self.target}, and it invents what it "
            f"has not seen; try: {self.remedy} (or allow it with --demo-packages)"
        )


class LicenceNotAccepted(PackageError):
    """The model's licence binds whoever uses it, and they have not agreed."""


class MissingExtra(PackageError):
    """What was asked for needs an extra that is not installed; the message names it."""


class IndexUnreadable(PackageError):
    """The index of available packages could not be fetched or is not one."""


class DownloadFailed(PackageError):
    """A package file could not be fetched whole."""


class BadPairs(TranslationsError):
    """A file that should hold `source TAB reference` lines does not."""


class NoEngine(TranslationsError):
    """A package asks for an engine that this version does not have."""


class EngineFailed(TranslationsError):
    """The model refused or broke on a text that was given to it."""


class NoSecondOpinion(TranslationsError):
    """Near-ties were to be settled by pycld2, which is not installed."""
