"""Edits of a made site that is served from a copy of its own."""
import os
import re
import shutil
import subprocess

RSYNC = ["rsync", "-a", "--delay-updates", "--delete-delay"]
# The kinds, and how each changes a text by the word `word`.
KINDS = {
    "body": lambda text, word: f"{text}\n{word} changed here.\n",
    "title": lambda text, word: re.sub(r'(?m)^title = "', f'title = "{word} ', text, count=1),
    "tags": lambda text, word: text.replace("tags = [", f'tags = ["{word}", ', 1),
    "section": lambda text, word: re.sub(r'(?m)^title = "', f'title = "{word} ', text, count=1),
    "template": lambda text, word: text.replace("</body>", f"<!-- {word} -->\n</body>", 1),
}
# Edits one after another are of pages that lie so far apart.
STRIDE = 997


class Edited:
    """The folder of an author, `source`, and that of a node, `served`, with the same content."""

    def __init__(self, source, served):
        self.source, self.served = source, served
        self.count = 0
        content = source / "content"
        files = sorted(content.rglob("*.md"))
        self.sections = [file for file in files if file.name == "_index.md" and file.parent != content]
        # A draft is not on the air.
        pages = (file for file in files if file.name != "_index.md")
        self.pages = [file for file in pages if "draft = true" not in file.read_text()]

    def edit(self, kind):
        """Edits another file of the source: the file, and the path at which a visitor sees the change."""
        self.count += 1
        file, path = self.target(kind)
        file.write_text(KINDS[kind](file.read_text(), f"Edit{self.count}"))
        return file, path

    def target(self, kind):
        if kind == "template":
            return self.source / "templates/base.html", "/"
        of = self.sections if kind == "section" else self.pages
        file = of[self.count * STRIDE % len(of)]
        return file, self.address(file)

    def address(self, file):
        """The path of a page or a section."""
        page = file.parent if file.name == "_index.md" else file.with_suffix("")
        return f"/{page.relative_to(self.source / 'content').as_posix()}/"

    def undo(self, kind, made):
        """Puts back the only file that edits of `kind` are of, as it is in `made`."""
        file, _ = self.target(kind)
        shutil.copy2(made / file.relative_to(self.source), file)
        self.send()

    def send(self):
        """As a deploy does."""
        subprocess.run([*RSYNC, f"{self.source}/", f"{self.served}/"], check=True)

    def put(self, file):
        """Only `file`, at next to no cost, under the name first that rsync would give it."""
        to = self.served / file.relative_to(self.source)
        half = to.with_name(f".{to.name}.aB3dE6")
        shutil.copy2(file, half)
        os.replace(half, to)
