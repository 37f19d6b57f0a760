"""Settings: digest.toml and the environment to frozen values.

``settings`` names every setting, its meaning, type and default; ``read`` finds the file, checks it and names what is
wrong. The shipped ``config/digest.toml`` holds every setting with its default and is its documentation.
"""

from digest.config.data import data_folder
from digest.config.read import find, load
from digest.config.settings import (
    Config,
    DefaultSettings,
    DeliverySettings,
    DkimSettings,
    FeedSettings,
    FetchSettings,
    IngestSettings,
    LinkSettings,
    MailSettings,
    MatchingSettings,
    ReportSettings,
    ReturnedSettings,
    Secret,
    SemanticSettings,
    ServiceSettings,
    SmtpSettings,
    SourceSettings,
    StoreSettings,
    TemplateSettings,
    WebSettings,
)

__all__ = [
    "Config",
    "DefaultSettings",
    "DeliverySettings",
    "DkimSettings",
    "FeedSettings",
    "FetchSettings",
    "IngestSettings",
    "LinkSettings",
    "MailSettings",
    "MatchingSettings",
    "ReportSettings",
    "ReturnedSettings",
    "Secret",
    "SemanticSettings",
    "ServiceSettings",
    "SmtpSettings",
    "SourceSettings",
    "StoreSettings",
    "TemplateSettings",
    "WebSettings",
    "data_folder",
    "find",
    "load",
]
