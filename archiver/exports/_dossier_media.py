"""Pictures and other media in a dossier: their files byte for byte, and how the page tells of them."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from archiver.errors import DamagedArchive
from archiver.exports._dossier_pieces import maker, time
from archiver.exports._markup import shown, text
from archiver.exports._places import Place
from archiver.store.records import AttachmentRecord, DownloadRecord, FileRecord

_BLOCK = 2**20
_NAMED = re.compile(r"media/[0-9a-f]{2}/[0-9a-f]{64}(\.[a-z0-9]{1,8})?")


def copy(files: Iterable[FileRecord], place: Place, archive: Path) -> int:
    """The files under the names that they have in the archive; how many.

    Raises DamagedArchive where one is missing or is not what was downloaded.
    """
    count = 0
    for kept in files:
        path = archive / kept.path
        if not _NAMED.fullmatch(kept.path):
            raise DamagedArchive(f"{path}: not a name that a downloaded file has; run `archiver verify`")
        digest = hashlib.sha256()
        try:
            with path.open("rb") as file:
                to = place.open(f"data/{kept.path}")
                while block := file.read(_BLOCK):
                    digest.update(block)
                    to.write(block)
        except FileNotFoundError:
            raise DamagedArchive(f"{path}: the file is missing; run `archiver verify`") from None
        if digest.hexdigest() != kept.sha256:
            raise DamagedArchive(f"{path}: not the bytes that were downloaded; run `archiver verify`")
        count += 1
    return count


def listed(attachments: Iterable[AttachmentRecord]) -> str:
    """Each piece of media with its description, that in other languages, and every try to have its file."""
    items = "".join(f"<li>{''.join(_piece(each))}</li>" for each in attachments)
    return f"<h4>Pictures and other media</h4><ul>{items}</ul>" if items else ""


def _piece(attachment: AttachmentRecord) -> Iterator[str]:
    described = "" if attachment.alt else ", not described"
    yield f"{shown(attachment.kind)} <bdi>{shown(attachment.url or attachment.key)}</bdi>{described}"
    if attachment.alt:
        yield from _description(attachment, attachment.alt)
    if not attachment.downloads:
        yield '<p class="none">its file was not downloaded here</p>'
    for tried in attachment.downloads:
        yield f"<p class=meta>{_download(tried)}</p>"


def _description(attachment: AttachmentRecord, alt: str) -> Iterator[str]:
    source = text(alt, attachment.alt_language or "und", "source")
    if not attachment.alt_translations:
        yield f'<div class="pair">{source}<p class="none">description not translated</p></div>'
    for number, made in enumerate(reversed(attachment.alt_translations)):
        flags = {*made.flags, *(flag for segment in made.segments or () for flag in segment["flags"])}
        target = text(made.text, made.target, "target") + maker(made, flags, is_older=number > 0)
        yield f'<div class="pair">{"" if number else source}<div>{target}</div></div>'


def _download(tried: DownloadRecord) -> str:
    """One try: when, where, what the server said, and what came."""
    answer = f"HTTP {tried.status}" if tried.status is not None else "no answer"
    at = f"<bdi>{shown(tried.url)}</bdi>"
    if tried.final_url and tried.final_url != tried.url:
        at += f", led to <bdi>{shown(tried.final_url)}</bdi>"
    if tried.file is None:
        reason = tried.reason or "nothing came"
        said = reason if reason.startswith(answer) else f"{answer}, {reason}"
        return f"asked for on {time(tried.at)}: {shown(said)}. {at}"
    file = tried.file
    link = f'<a href="{shown(file.path)}">{shown(file.path)}</a>'
    what = f"{shown(file.content_type)}, {file.size} bytes, SHA-256 <code>{shown(file.sha256)}</code>"
    return f"downloaded on {time(tried.at)}: {answer}, {link}, {what}. {at}"
