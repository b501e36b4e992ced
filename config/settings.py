"""All settings, in one file. What differs between machines comes through `config/env.py`."""

from datetime import timedelta
from typing import Any

from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.utils.translation import gettext_lazy as _

from config import env
from config.navigation import ACCOUNT, SIDEBAR

BASE_DIR = env.ROOT
DEMO = env.MODE is env.Mode.DEMO
TEST = env.MODE is env.Mode.TEST

SECRET_KEY = env.text("SECRET_KEY", "for-tests-only-" + "0123456789abcdef" * 4)
SEALING_KEYS = env.text("SEALING_KEYS", "test:" + env.KEY_FOR_TESTS)
"""What seals personal data: `id:base64key`, several separated by commas; the first one seals."""
BLIND_INDEX_KEY = env.text("BLIND_INDEX_KEY", env.KEY_FOR_TESTS)
"""What makes sealed phones and addresses findable."""
SECRET_KEY_FALLBACKS = env.names("SECRET_KEY_FALLBACKS", [])
DEBUG = False
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS", [])
PUBLIC_URL = env.text("PUBLIC_URL", f"http://127.0.0.1:{env.number('PORT', 8000)}").rstrip("/")
"""What links in mails begin with."""

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "axes",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "crm",
    "merchants",
    "campaigns",
    "leads",
]

MIDDLEWARE = [
    # Outermost: a database that is down becomes a 503 with Retry-After, wherever it is noticed.
    "crm.middleware.DatabaseDownMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crm.middleware.RequestIdMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "crm.middleware.PersonalSettingsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "crm.middleware.PagePolicyMiddleware",
    # Innermost, as its documentation asks: it answers locked-out sign-ins.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- the database -------------------------------------------------------------------------------


def _database_url() -> str:
    if url := env.text("DATABASE_URL"):
        return url
    from config.local.postgres import LocalPostgres

    return LocalPostgres(env.DATA / ("test-postgres" if TEST else "postgres")).url


_database: dict[str, Any] = env.database(_database_url())
_database["CONN_MAX_AGE"] = env.number("DATABASE_CONNECTION_SECONDS", 300)
_database["CONN_HEALTH_CHECKS"] = True
_database["OPTIONS"] |= {
    # Only `crm/prepared.py` sends statements that can be prepared; 0 switches it off for poolers
    # that cannot keep them.
    "server_side_binding": True,
    "prepare_threshold": env.number("DATABASE_PREPARE_AFTER", 2) or None,
    "connect_timeout": 3,
    "options": f"-c statement_timeout={env.number('DATABASE_STATEMENT_MILLISECONDS', 5000)}"
    " -c lock_timeout=3000 -c timezone=UTC"
    # A processor serves a person; and the tiers of a search are read one after the other.
    " -c max_parallel_workers_per_gather=0",
}
# A reader that nobody finished (a form's choices, looked at in part) closes its server-side cursor
# when it is collected; if that happens while the same thread is sending a statement, the thread
# waits for itself for ever. All that is read here fits into memory.
_database["DISABLE_SERVER_SIDE_CURSORS"] = True
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- people -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "crm.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "crm.authentication.EmailOrEmployeeNumberBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
if TEST:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.PRODUCTION
SESSION_COOKIE_NAME = "__Host-session" if env.PRODUCTION else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if env.PRODUCTION else "csrf"

DEVICE_IDLE = timedelta(days=14)
DEVICE_ABSOLUTE = timedelta(days=90)
DEVICE_TRUST_SECONDS = env.number("DEVICE_TRUST_SECONDS", 0 if TEST else 3)
"""A token is looked up again at least this often; a revoked one works no longer than that."""

# Slow a guesser down by (who, where) and never lock a colleague out everywhere.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=10)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "crm.authentication.attempted_name"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_LOCKOUT_CALLABLE = "crm.authentication.locked_out"

# --- merchants ----------------------------------------------------------------------------------

DUPLICATES_THAT_BLOCK = env.names("DUPLICATES_THAT_BLOCK", ["credit_code", "name_and_district"])
"""Which exact duplicates refuse a merchant or a contact: credit_code, name_and_district, phone.
What the database refuses by itself blocks always; everything else is said as a notice."""

# --- the browser --------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = False  # The proxy in front does it; health checks come over plain HTTP.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.PRODUCTION else None
SECURE_HSTS_SECONDS = 31_536_000 if env.PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = ["security.W008"]  # SECURE_SSL_REDIRECT, see above.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        # The admin theme's Alpine evaluates its attributes; nothing inline without the nonce.
        "script-src": [SELF, NONCE, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    },
}

STATIC_URL = "/static/"
STATIC_ROOT = env.DATA / "static" if env.PRODUCTION else None
WHITENOISE_USE_FINDERS = DEMO
WHITENOISE_AUTOREFRESH = False
if env.PRODUCTION:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576

# --- language and time --------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "language"
# Here too, so that our words come before those of the apps that are installed earlier.
LOCALE_PATHS = [BASE_DIR / "crm" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# --- background work ----------------------------------------------------------------------------

_broker = env.text("CELERY_BROKER_URL", "memory://")
CELERY_BROKER_URL = _broker
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_DEFAULT_QUEUE = "jobs"
CELERY_TASK_ROUTES = {
    "crm.tick": {"queue": "tick"},
    "crm.deliver_due": {"queue": "delivery"},
    "crm.prepare_reports": {"queue": "report"},
    "crm.run_jobs": {"queue": "jobs"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 300_000
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
if _broker.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        # Longer than any task may run; then what a killed worker held comes back within seconds.
        "visibility_timeout": 900,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 0.5,
        "health_check_interval": 25,
    }
TICK_SECONDS = env.number("TICK_SECONDS", 30)
DELIVERY_LEASE_SECONDS = env.number("DELIVERY_LEASE_SECONDS", 300)
"""How long a worker may hold a message before another one takes it over."""
DELIVERY_HANG_SECONDS = env.number("DELIVERY_HANG_SECONDS", 120)
"""A worker that one message holds for so long is ended: well above every time-out of a channel."""
METRICS_TOKEN = env.text("METRICS_TOKEN")
"""What a watcher must show to read /metrics; without one nobody reads them."""
JOB_LEASE_SECONDS = env.number("JOB_LEASE_SECONDS", 180)
"""How long a worker may take over one batch of a job before another one takes the job over."""
CELERY_BEAT_SCHEDULE = {
    "tick": {
        "task": "crm.tick",
        "schedule": TICK_SECONDS,
        # An outage must not leave a flood of ticks behind.
        "options": {"expires": max(TICK_SECONDS - 5, 1)},
    },
}

# --- mail ---------------------------------------------------------------------------------------

_email = env.email(env.text("EMAIL_URL", "smtp://127.0.0.1:1025"))
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
if EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend":
    EMAIL_BACKEND = "crm.channels.smtp.EmailBackend"  # Django's, with an end to every talk.
EMAIL_HOST, EMAIL_PORT = _email["EMAIL_HOST"], _email["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _email["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = bool(_email.get("EMAIL_USE_TLS", False))
EMAIL_USE_SSL = bool(_email.get("EMAIL_USE_SSL", False))
EMAIL_TIMEOUT = 10  # Django waits for ever by default: a silent relay would hold a worker.
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "crm@demo.test")
BOUNCE_DOMAIN = env.text("BOUNCE_DOMAIN")
"""The domain whose mail is handed to `manage.py receive_bounce`. Without one, mails that come back
go to EMAIL_FROM."""
MAIL_CONNECTIONS = env.number("MAIL_CONNECTIONS", 3)
"""How many connections to the mail server all workers together may have open. Counted by sessions
of the database, so not through a pooler that lends them out for one transaction."""
MAILBOX = env.text("CRM_MAILBOX")
"""Demo only: where the local mail catcher keeps what was sent."""

# --- whom we call -------------------------------------------------------------------------------

OUTGOING_INSIDE_HOSTS = env.names("OUTGOING_INSIDE_HOSTS", [])
"""Hosts that robots and webhooks may reach although their addresses are not public ones."""
OUTGOING_PLAIN_HOSTS = env.names("OUTGOING_PLAIN_HOSTS", [])
"""Hosts that may be called without TLS."""
OUTGOING_CA_FILE = env.text("OUTGOING_CA_FILE")
"""The bank's own certificate authority, believed beside the public ones."""
WECOM_HOSTS = env.names("WECOM_HOSTS", ["qyapi.weixin.qq.com"])
"""Where robots of WeCom may be; a bank that runs its own WeCom adds its host. Likewise below."""
DINGTALK_HOSTS = env.names("DINGTALK_HOSTS", ["oapi.dingtalk.com"])
FEISHU_HOSTS = env.names("FEISHU_HOSTS", ["open.feishu.cn", "open.larksuite.com"])

# --- doors --------------------------------------------------------------------------------------

REQUESTS_PER_MINUTE = env.number("REQUESTS_PER_MINUTE", 1200)
"""Per person and web process; beyond it the answer is 429 with Retry-After."""
CALENDAR_READS_PER_MINUTE = env.number("CALENDAR_READS_PER_MINUTE", 30)
"""How often one calendar address may be read, by each process."""
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "crm.api.authentication.DeviceAuthentication",
        "crm.api.authentication.BrowserAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["crm.api.permissions.Nobody"],
    "DEFAULT_RENDERER_CLASSES": ["crm.api.rendering.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["crm.api.parsing.JsonParser"],
    "DEFAULT_SCHEMA_CLASS": "crm.api.schema.Schema",
    "EXCEPTION_HANDLER": "crm.api.problems.answer",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "DEFAULT_GENERATOR_CLASS": "crm.api.schema.Generator",
    "TITLE": "Merchant partnership CRM",
    "DESCRIPTION": "The API for field-sales phones and for the bank's own systems. "
    "Conventions: keyset lists, problem+json errors, If-Match, Idempotency-Key.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "WEBHOOKS": ["crm.api.webhook_schema.EVENT"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATION_PARAMETERS": False,
    "ENUM_NAME_OVERRIDES": {
        "Cardholder": [("new", "new"), ("existing", "existing")],
        "Party": "campaigns.models.Party",
        "AccessKind": "crm.models.AccessKind",
        "Channel": "crm.models.Channel",
        "PushedChannel": "crm.api.notification_preferences.PUSHED_CHOICES",
        "ChatChannel": "crm.api.chats.CHAT_CHOICES",
        "DeliveryState": "crm.models.DeliveryState",
        "CampaignObjective": "campaigns.models.Objective",
        "CampaignStage": "campaigns.models.CampaignStage",
        "CampaignVersionState": "campaigns.models.VersionState",
        "ActivityKind": "leads.models.ActivityKind",
        "AgreedVia": "leads.models.AgreedVia",
        "ActivityOutcome": "leads.models.ActivityOutcome",
        "AgreementState": "merchants.models.AgreementState",
        "ApprovalDecision": "campaigns.models.ApprovalDecision",
        "ApprovalKind": "campaigns.models.ApprovalKind",
        "ApprovalState": "campaigns.models.ApprovalState",
        "AttemptOutcome": "leads.models.AttemptOutcome",
        "BankProduct": "merchants.models.BankProduct",
        "ClaimEvidenceKind": "campaigns.models.ClaimEvidenceKind",
        "ClaimState": "campaigns.models.ClaimState",
        "CategoryGroup": "merchants.models.CategoryGroup",
        "CellStatus": "leads.models.CellStatus",
        "ConsentChannel": "merchants.models.ConsentChannel",
        "ConsentPurpose": "merchants.models.ConsentPurpose",
        "ContactRole": "merchants.models.ContactRole",
        "ContactState": "merchants.models.ContactState",
        "DecisionPower": "merchants.models.DecisionPower",
        "DiscrepancyCode": "campaigns.models.DiscrepancyCode",
        "DiscrepancyResolution": "campaigns.models.DiscrepancyResolution",
        "DiscrepancyState": "campaigns.models.DiscrepancyState",
        "DuplicateKind": "merchants.models.DuplicateKind",
        "EvidenceKind": "merchants.models.EvidenceKind",
        "FileFormat": "crm.domain.sheets.FileFormat",
        "FollowUpOutcome": "leads.models.FollowUpOutcome",
        "FollowUpPriority": "leads.models.FollowUpPriority",
        "FollowUpRepeats": "leads.models.Repeats",
        "FollowUpState": "leads.models.FollowUpState",
        "GoLiveKind": "campaigns.models.GoLiveKind",
        "GridCellName": "leads.models.Cell",
        "GridColumn": "leads.models.GridColumn",
        "GridMode": "leads.models.GridMode",
        "HealthPart": "merchants.api.health_shapes.HEALTH_PARTS",
        "RedemptionEventKind": "campaigns.models.RedemptionEventKind",
        "RedemptionIntakeKind": "campaigns.models.IntakeKind",
        "RedemptionState": "campaigns.models.RedemptionState",
        "ImportMode": "merchants.models.ImportMode",
        "ImportRowOutcome": "merchants.models.RowOutcome",
        "InsightKind": "merchants.models.InsightKind",
        "JobPhase": "crm.models.JobPhase",
        "JobState": "crm.models.JobState",
        "LawfulBasis": "merchants.models.LawfulBasis",
        "LedgerAccount": "campaigns.models.Account",
        "LedgerEntryKind": "campaigns.models.EntryKind",
        "LeadCheckState": "leads.domain.lead_checklists.CHECK_STATES",
        "LeadEvidenceKind": "leads.models.LeadEvidenceKind",
        "LeadGuard": "leads.models.stages.Guard",
        "LeadSource": "leads.models.LeadSource",
        "LeadStepReason": "leads.models.LeadStepReason",
        "LegalForm": "merchants.models.LegalForm",
        "LicenceStatus": "merchants.models.LicenceStatus",
        "LeadValidityPart": "leads.models.validity.ValidityPart",
        "LostReason": "leads.models.LostReason",
        "Mechanic": "campaigns.models.Mechanic",
        "RefusalCode": "campaigns.models.RefusalCode",
        "OutcomeMethod": "campaigns.models.OutcomeMethod",
        "CardFigureKind": "campaigns.models.FigureKind",
        "KpiIndicator": "campaigns.models.Indicator",
        "KpiIndicatorGroup": "campaigns.models.IndicatorGroup",
        "KpiPeriod": "campaigns.domain.kpi_periods.PeriodLength",
        "TargetIndicator": "campaigns.models.target.PACED_CHOICES",
        "OwnershipChange": "leads.models.OwnershipChange",
        "ReturnReason": "leads.models.ReturnReason",
        "MerchantSource": "merchants.models.MerchantSource",
        "MerchantTier": "merchants.models.MerchantTier",
        "MergeSide": "merchants.models.MergeSide",
        "MoveThrough": "merchants.models.MoveThrough",
        "NotEligible": "leads.models.grid_words.NotEligible",
        "NumberPeriod": "leads.models.NumberPeriod",
        "NumberUnit": "leads.models.NumberUnit",
        "PainEnd": "leads.models.PainEnd",
        "PainStatus": "leads.models.PainStatus",
        "ObjectionGroupBy": "leads.domain.objection_metrics.GroupBy",
        "ObjectionReason": "leads.models.ObjectionReason",
        "ObjectionState": "leads.models.ObjectionState",
        "PartnershipGuard": "merchants.models.partnership_roads.Guard",
        "PartnershipStage": "merchants.models.PartnershipStage",
        "ProposalPart": "leads.models.ProposalPart",
        "ProposalState": "leads.models.ProposalState",
        "Quadrant": "merchants.models.Quadrant",
        "QuestionSet": "leads.models.QuestionSet",
        "RestrictionReason": "merchants.models.RestrictionReason",
        "RivalKind": "merchants.models.RivalKind",
        "Role": "crm.models.Role",
        "ShareCollection": "campaigns.models.Collection",
        "SettlementBasis": "merchants.models.SettlementBasis",
        "Stage": "leads.models.Stage",
        "StepReason": "merchants.models.StepReason",
        "SubReason": "leads.models.SubReason",
        "SuggestedBecause": "leads.models.SuggestedBecause",
        "SuggestionDecision": "leads.models.Decision",
        "SuggestionKind": "leads.models.SuggestionKind",
        "SuggestionOutcome": "leads.models.SuggestionOutcome",
        "SuggestionRule": "leads.models.SuggestionRule",
        "LeadScoreInput": "leads.domain.scoring.Input",
        "LeadScoreSignal": "leads.domain.scoring.Signal",
        "SwotFactKind": "merchants.models.SwotFactKind",
        "TimelineGroup": "merchants.models.TimelineGroup",
        "UnitKind": "crm.models.UnitKind",
        "UnmaskReason": "crm.models.UnmaskReason",
        "VisitState": "leads.models.VisitState",
        "VisitSuggestedBecause": "leads.domain.visit_plans.SuggestedBecause",
        "LineKind": "campaigns.models.LineKind",
        "MatchClass": "campaigns.models.MatchClass",
        "PaymentDirection": "campaigns.models.PaymentDirection",
        "StatementFileKind": "campaigns.models.StatementFileKind",
        "StatementState": "campaigns.models.StatementState",
    },
    "LICENSE": {"name": "Proprietary"},
    "SERVERS": [{"url": PUBLIC_URL}],
}

UNFOLD = {
    "SITE_TITLE": _("Merchant partnerships"),
    "SITE_HEADER": _("Merchant partnerships"),
    "SITE_SUBHEADER": _("Win, run and keep co-funded campaigns"),
    "SITE_SYMBOL": "storefront",
    "SITE_URL": None,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "crm.admin.site.favicon"}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "DASHBOARD_CALLBACK": "crm.admin.front_page.context",
    "STYLES": ["crm.admin.site.stylesheet"],
    "SIDEBAR": SIDEBAR,
    "ACCOUNT": ACCOUNT,
    "COMMAND": {"search_models": True, "show_history": False},
    "COLORS": {
        "primary": {
            "50": "236 253 245",
            "100": "209 250 229",
            "200": "167 243 208",
            "300": "110 231 183",
            "400": "52 211 153",
            "500": "16 185 129",
            "600": "4 120 87",
            "700": "4 100 74",
            "800": "6 78 59",
            "900": "6 64 49",
            "950": "2 44 34",
        },
    },
}

# --- what is written down -----------------------------------------------------------------------

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processor": "ext://crm.logs.renderer",
            "foreign_pre_chain": "ext://crm.logs.foreign",
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["console"], "level": "WARNING" if TEST else "INFO"},
    "loggers": {
        "axes": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        # It writes down addresses that it does not understand, and they are secrets.
        "apprise": {"handlers": [], "propagate": False},
        "flufl.bounce": {"level": "WARNING"},
    },
}
