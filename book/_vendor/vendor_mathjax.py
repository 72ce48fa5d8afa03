"""Make `mathjax-<version>.zip`: the few files of MathJax that the book needs, from its npm package.

Run it only to change the version or the list of files; the zip it writes is committed, and
`book/_ext/offline.py` unpacks that into the built book, so that a build needs no npm and the
formulas of the built book need no network. It needs `npm` and, once, the network:

    python book/_vendor/vendor_mathjax.py

Files in the zip carry no dates, so that making it again changes nothing.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

VERSION = "3.2.2"
SHA512 = "Bt+SSVU8eBG27zChVewOicYs7Xsdt40qm4+UpHyX7k0/O9NliPc+x77k1/FEsPsjKPZGJvtRZM1vO+geW0OhGw=="
SCRIPTS = (
    "startup.js",  # reads window.MathJax and loads the others
    "core.js",
    "input/tex.js",  # base, ams, newcommand, noundefined
    "output/chtml.js",
    "output/chtml/fonts/tex.js",
    "a11y/assistive-mml.js",  # hidden MathML for screen readers
)
FONTS = (  # ordinary formulas, \mathbf, \mathbb, \mathcal; a browser loads what it needs
    "Main-Regular",
    "Main-Bold",
    "Math-Italic",
    "AMS-Regular",
    "Calligraphic-Regular",
    "Size1-Regular",
    "Size2-Regular",
    "Size3-Regular",
    "Size4-Regular",
    "Vector-Regular",
    "Zero",
)


def wanted() -> dict[str, str]:
    """Where each file lies in the npm package and where it goes in the zip."""
    files = [*SCRIPTS, *(f"output/chtml/fonts/woff-v2/MathJax_{font}.woff" for font in FONTS)]
    return {"package/LICENSE": "LICENSE"} | {f"package/es5/{name}": name for name in files}


def vendor(tarball: Path, target: Path) -> None:
    """Check the npm tarball's SHA-512 and write the wanted files to the zip `target`."""
    found = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    if found != SHA512:
        raise ValueError(f"{tarball}: SHA-512 is {found}, expected {SHA512} for mathjax {VERSION}")
    with tarfile.open(tarball) as source, zipfile.ZipFile(target, "w") as archive:
        for inside, name in sorted(wanted().items(), key=lambda item: item[1]):
            entry = zipfile.ZipInfo(name, date_time=(2020, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            content = source.extractfile(inside).read()
            archive.writestr(entry, content, compress_type=zipfile.ZIP_LZMA)


def main() -> int:
    target = Path(__file__).with_name(f"mathjax-{VERSION}.zip")
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--pack-destination", folder, f"mathjax@{VERSION}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        vendor(next(Path(folder).glob("*.tgz")), target)
    print(f"{target}: {target.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
