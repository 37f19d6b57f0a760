"""Which templates serve: the user's where they work, the shipped ones everywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from digest.config import data_folder
from digest.ports import Renderer

if TYPE_CHECKING:
    from digest.config.settings import TemplateSettings
    from digest.links import LinkMaker
    from digest.render import Letterhead
    from digest.render.environment import Folder


def renderer(chosen: TemplateSettings, links: LinkMaker, letterhead: Letterhead) -> Renderer:
    """Return the renderer over the user's templates, if any, and the shipped ones of their theme."""
    from digest.render import SteadfastRenderer, TemplateRenderer, template_folders

    shipped = template_folders(data_folder("templates"), theme=chosen.theme)
    if chosen.folder is None:
        return TemplateRenderer(shipped, links, letterhead)
    return SteadfastRenderer(chosen.folder, shipped, links, letterhead)


def folders(made: Renderer, chosen: TemplateSettings) -> Sequence[Folder]:
    """Return where templates are looked for, the broken ones of the user's set aside."""
    from digest.render import SteadfastRenderer, template_folders

    if isinstance(made, SteadfastRenderer):
        return made.folders
    return template_folders(data_folder("templates"), theme=chosen.theme)


def troubles(made: Renderer) -> tuple[str, ...]:
    """Return what is wrong with the user's templates."""
    from digest.render import SteadfastRenderer

    return tuple(map(str, made.troubles)) if isinstance(made, SteadfastRenderer) else ()
