"""Files that are checked before anything of them is used.

A flipped bit in a file of compiled code would be executed. Here a file begins with a digest of its name and of what
follows; where that does not agree, it is as if there were none.
"""

import contextlib
import os
from hashlib import blake2b
from pathlib import Path
from typing import Final

DIGEST_BYTES: Final = 32


def seal(name: str, body: bytes) -> bytes:
    """Digest [DIGEST_BYTES] of a file's name and body: a whole file under another's name is bad too."""
    digest = blake2b(name.encode() + b"\n", digest_size=DIGEST_BYTES)
    digest.update(body)
    return digest.digest()


def read(path: Path) -> bytes | None:
    """The body of a sealed file; None where there is none, or it is not what was written."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    body = data[DIGEST_BYTES:]
    return body if data[:DIGEST_BYTES] == seal(path.name, body) else None


def write(path: Path, body: bytes) -> bool:
    """Replace the sealed file whole; where that fails (a full disk, say) there is none, and nothing is left."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(seal(path.name, body) + body)
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        return False
    return True
