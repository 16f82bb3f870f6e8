"""Captions and notes, written as Markdown, to HTML."""

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from analysis.judge.statements import CLAIMS

NAMES = frozenset(claim.name for claim in CLAIMS)
"""Elements of the report with these ids hold the claims."""


def html(text: str) -> Markup:
    """Paragraphs, lists, tables and links of `text`; HTML in it is shown, never passed on."""
    return Markup(_PARSER.render(text))


def inline(text: str) -> Markup:
    """A line of `text`, without a paragraph around it."""
    return Markup(_PARSER.renderInline(text))


def _open(renderer: RendererHTML, tokens: Sequence[Token], index: int, *_: object) -> str:
    return '<div class="scroll" role="region" tabindex="0" aria-label="Table"><table>\n'


def _close(renderer: RendererHTML, tokens: Sequence[Token], index: int, *_: object) -> str:
    return "</table></div>\n"


def _code(renderer: RendererHTML, tokens: Sequence[Token], index: int, *arguments: object) -> str:
    """Code; the name of a claim leads to it."""
    code = renderer.code_inline(tokens, index, *arguments)
    name = tokens[index].content
    return f'<a href="#{name}">{code}</a>' if name in NAMES else code


_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
_PARSER.add_render_rule("table_open", _open)
_PARSER.add_render_rule("table_close", _close)
_PARSER.add_render_rule("code_inline", _code)
