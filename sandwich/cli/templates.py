"""Check all templates: ``python -m sandwich.cli.templates``.

Every mail has its six files; every template can be read, and what it takes from others exists; every value that a mail
names is one that its context has.
"""

import sys
from collections.abc import Iterator

from jinja2 import Environment, TemplateError, TemplateSyntaxError, meta, nodes

from models.text import Language
from sandwich.mail.contexts.parts import ActivityContext, MailContext
from sandwich.mail.mails import BUNDLE, MAILS
from sandwich.mail.render import TEMPLATES, Renderer
from sandwich.settings import read_settings
from sandwich.web.pages import Pages


def mistakes() -> Iterator[str]:
    """Yield what is wrong in the templates of mails and pages."""
    renderer = Renderer("Europe/Amsterdam")
    folders = {path.name for path in TEMPLATES.iterdir() if path.is_dir()} - {"_base"}
    for name in sorted({BUNDLE, *MAILS} - folders):
        yield f"templates/emails/{name}: there is no such folder."
    for name in sorted(folders):
        for language in Language:
            for part, environment in renderer.environments(language).items():
                stem, ending = part.split(".")
                yield from _of_mail(environment, name, f"{name}/{stem}.{language}.{ending}")
    pages = Pages(read_settings({}, environment="development")).environment
    for name in pages.list_templates():
        yield from _of_template(pages, name, "pages")


def _of_mail(environment: Environment, mail: str, path: str) -> Iterator[str]:
    found = list(_of_template(environment, path, "emails"))
    yield from found
    if found or mail not in MAILS:
        return
    known = {*_values(MAILS[mail].context), *environment.globals}
    for name in sorted(_named(environment, path) - known):
        yield f"templates/emails/{path}: {{{{ {name} }}}} is nothing that this mail has."


def _of_template(environment: Environment, path: str, kind: str) -> Iterator[str]:
    try:
        tree = _tree(environment, path)
        environment.get_template(path)
        for other in meta.find_referenced_templates(tree):
            if other is not None:
                environment.get_template(other)
        for taken in tree.find_all(nodes.FromImport):
            yield from _imported(environment, taken, path, kind)
    except TemplateSyntaxError as error:
        yield f"templates/{kind}/{error.name or path}:{error.lineno}: {error.message}"
    except TemplateError as error:
        yield f"templates/{kind}/{path}: {type(error).__name__}: {error}"


def _imported(environment: Environment, taken: nodes.FromImport, path: str, kind: str) -> Iterator[str]:
    if not isinstance(taken.template, nodes.Const):
        return
    macros = {macro.name for macro in _tree(environment, taken.template.value).find_all(nodes.Macro)}
    for item in taken.names:
        name = item[0] if isinstance(item, tuple) else item
        if name not in macros:
            yield f"templates/{kind}/{path}:{taken.lineno}: {taken.template.value} has no macro {name}."


def _named(environment: Environment, path: str) -> set[str]:
    """Return the values that a template, or one that it stands in or takes in, expects to be given."""
    tree = _tree(environment, path)
    found = set(meta.find_undeclared_variables(tree))
    macros = {
        taken.template.value for taken in tree.find_all(nodes.FromImport) if isinstance(taken.template, nodes.Const)
    }
    for other in meta.find_referenced_templates(tree):
        if other is not None and other not in macros:
            found |= _named(environment, other)
    return found


def _tree(environment: Environment, path: str) -> nodes.Template:
    assert environment.loader is not None  # both environments have one
    source, _file, _is_fresh = environment.loader.get_source(environment, path)
    return environment.parse(source, name=path)


def _values(context: type[MailContext]) -> set[str]:
    """Return the names that ``context.values()`` gives."""
    return {*context.model_fields, *(("starts_at", "ends_at") if issubclass(context, ActivityContext) else ())}


def main() -> int:
    """Print every mistake; return 1 where there is one."""
    found = list(mistakes())
    for mistake in found:
        print(mistake)
    if not found:
        print(f"Templates: all {len(MAILS) + 1} mails and all pages are well.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
