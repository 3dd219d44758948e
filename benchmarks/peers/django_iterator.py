#!/usr/bin/python3
"""Django's usual loop: rows by iterator(), changed in Python, written back by bulk_update()."""
import os
import sys
from itertools import islice
from urllib.parse import unquote, urlsplit

DRIVERS = {"postgresql": ("postgresql", "psycopg2", "python3-psycopg2"),
           "mysql": ("mysql", "MySQLdb", "python3-mysqldb"),
           "mariadb": ("mysql", "MySQLdb", "python3-mysqldb"),
           "sqlite": ("sqlite3", "sqlite3", "python3")}


def missing(what):
    print(what)
    sys.exit(77)


def setting():
    scheme, rest = os.environ["BENCH_URL"].split(":", 1)
    engine, module, package = DRIVERS[scheme]
    try:
        __import__(module)
    except ImportError:
        missing(f"{module} is not installed for {sys.executable} ({package})")
    if scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": rest, "OPTIONS": {"timeout": 60}}
    url = urlsplit(os.environ["BENCH_URL"])
    return {"ENGINE": f"django.db.backends.{engine}", "NAME": url.path[1:], "HOST": url.hostname,
            "PORT": url.port or "", "USER": unquote(url.username or ""), "PASSWORD": unquote(url.password or "")}


try:
    import django
    from django.conf import settings
except ImportError:
    missing(f"Django is not installed for {sys.executable} (python3-django)")
settings.configure(DATABASES={"default": setting()}, USE_TZ=False, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")
if "--check" in sys.argv:
    sys.exit(0)
django.setup()

from django.db import models  # noqa: E402  (models want the settings)


class User(models.Model):
    id = models.BigIntegerField(primary_key=True)
    user_name = models.CharField(max_length=50)
    username = models.CharField(max_length=50, null=True)

    class Meta:
        app_label = "bench"
        db_table = "users"


batch = int(os.environ["BENCH_BATCH"])
rows = iter(User.objects.filter(username__isnull=True).order_by("id").only("id", "user_name").iterator(chunk_size=2000))
while True:
    users = list(islice(rows, batch))
    if not users:
        break
    for user in users:
        user.username = user.user_name.lower()
    User.objects.bulk_update(users, ["username"])
