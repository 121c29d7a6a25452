async def run(stage, oxbow):
    pass
