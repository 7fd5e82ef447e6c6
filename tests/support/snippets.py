"""The blocks of code in the documents."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE = r"(?s)<!-- run: .*?<!-- end -->|<!-- Made by docs/generate\.py.*"


def blocks(document: Path) -> list[tuple[str, str]]:
    """Language and text of the blocks that a person wrote."""
    text = re.sub(MADE, "", document.read_text())
    return re.findall(r"(?ms)^ *```([^\n]*)\n(.*?)^ *```$", text)


def blocks_of(page: str, language: str) -> list[str]:
    """Texts of the blocks of a language on a page of docs/."""
    return [text for found, text in blocks(ROOT / "docs" / page) if found == language]
