"""Put the styles of an HTML template into its tags, before Jinja sees it: once per template instead of per mail."""

import re

import css_inline

_TOKEN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_HIDDEN = re.compile(r"<!--j(\d+)-->|jinja(\d+)token")


def inlined(source: str, style: str) -> str:
    """Return an HTML template with ``style`` inlined; every Jinja tag stays what and where it is.

    While the styles are inlined a tag of Jinja's is a comment, or inside an HTML tag or the title a word, both of
    which an HTML parser leaves alone. Raises ``ValueError`` where that does not hold.
    """
    tokens: list[str] = []

    def hide(match: re.Match[str]) -> str:
        before = _TOKEN.sub("", source[: match.start()])
        tokens.append(match.group())
        in_tag = before.rfind("<") > before.rfind(">")
        in_title = before.rfind("<title>") > before.rfind("</title>")
        return f"jinja{len(tokens) - 1}token" if in_tag or in_title else f"<!--j{len(tokens) - 1}-->"

    hidden = _TOKEN.sub(hide, source)
    if hidden.lstrip().lower().startswith("<!doctype"):
        inliner = css_inline.CSSInliner(extra_css=style, keep_style_tags=True, load_remote_stylesheets=False)
        styled = inliner.inline(hidden)
    else:
        styled = css_inline.inline_fragment(hidden, style, load_remote_stylesheets=False)
    seen: list[int] = []

    def show(match: re.Match[str]) -> str:
        seen.append(int(match.group(1) or match.group(2)))
        return tokens[seen[-1]]

    shown = _HIDDEN.sub(show, styled)
    if seen != list(range(len(tokens))):
        raise ValueError("a Jinja tag stands where HTML does not allow it")
    return shown
