"""Where a word lies in everything a running Souk keeps: tables, streams, keys, files."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import nats
import redis.asyncio
from nats.js.errors import NotFoundError

from souk.devstack.servers import Servers, Urls
from souk.kernel.settings import Settings

TABLES = """
select format('%I.%I', schemaname, tablename) from pg_tables
where schemaname not in ('pg_catalog', 'information_schema') order by 1
"""
READERS = {
    "string": lambda redis, key: redis.get(key),
    "hash": lambda redis, key: redis.hgetall(key),
    "set": lambda redis, key: redis.smembers(key),
    "zset": lambda redis, key: redis.zrange(key, 0, -1),
    "list": lambda redis, key: redis.lrange(key, 0, -1),
}


def urls_of(home: Path) -> Urls:
    """The servers of the Souk that runs there."""
    return Servers(home, Settings(home=home)).adopted()


async def databases_of(urls: Urls) -> list[str]:
    connection = await asyncpg.connect(urls.postgres, database="postgres")
    try:
        sql = "select datname from pg_database where datname like 'souk_%' order by 1"
        return [row["datname"] for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def in_tables(urls: Urls, word: str) -> list[str]:
    """Tables with a row that holds it, as text or as bytes."""
    found = []
    for name in await databases_of(urls):
        connection = await asyncpg.connect(urls.postgres, database=name)
        try:
            for (table,) in await connection.fetch(TABLES):
                sql = f"select count(*) from {table} as t where t::text ilike any($1::text[])"
                words = [f"%{word}%", f"%{word.encode().hex()}%"]
                if await connection.fetchval(sql, words):
                    found.append(f"{name}.{table}")
        finally:
            await connection.close()
    return found


async def in_streams(urls: Urls, word: str) -> list[str]:
    found = []
    client = await nats.connect(urls.nats)
    try:
        jetstream = client.jetstream()
        for stream in await jetstream.streams_info():
            for seq in range(stream.state.first_seq, stream.state.last_seq + 1):
                try:
                    message = await jetstream.get_msg(stream.config.name, seq)
                except NotFoundError:
                    continue
                if word.encode() in (message.data or b""):
                    found.append(f"{stream.config.name} {message.subject}")
    finally:
        await client.close()
    return found


async def in_redis(urls: Urls, word: str) -> list[str]:
    found = []
    client = redis.asyncio.Redis.from_url(urls.redis)
    try:
        async for key in client.scan_iter():
            kind = (await client.type(key)).decode()
            if word in f"{key!r} {await READERS[kind](client, key)!r}":
                found.append(repr(key))
    finally:
        await client.aclose()
    return found


def in_files(home: Path, word: str) -> list[str]:
    """Every file there is, PostgreSQL's own included."""
    return [
        str(path.relative_to(home))
        for path in sorted(home.rglob("*"))
        if path.is_file() and word.encode() in path.read_bytes()
    ]


async def traces(home: Path, word: str) -> list[str]:
    urls = urls_of(home)
    return [
        *await in_tables(urls, word),
        *await in_streams(urls, word),
        *await in_redis(urls, word),
        *in_files(home, word),
    ]
