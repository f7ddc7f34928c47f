import time
async def test_db(database_of):
    for i in range(4):
        t = time.perf_counter(); db = await database_of("kernel"); print("made", time.perf_counter() - t)
    print(await db.fetch("select tablename from pg_tables where schemaname = 'public'"))
async def test_db2(database_of):
    t = time.perf_counter(); db = await database_of("kernel"); print("made", time.perf_counter() - t)
