"""Serves resumable uploads by tuspyserver, below the path Supabase has them at, at a port of its own.

usage: tus_server.py DIRECTORY
Prints its port; what is whole is DIRECTORY/ID.done, named by the upload's file. Ends with its input.
"""

import logging
import os
import shutil
import socket
import sys
import threading

import uvicorn
from fastapi import FastAPI
from tuspyserver import create_tus_router

directory = sys.argv[1]


def done(path: str, metadata: dict) -> None:
    shutil.copyfile(path, os.path.join(directory, metadata["filename"] + ".done"))


application = FastAPI()
application.include_router(
    create_tus_router(
        prefix="storage/v1/upload/resumable",
        files_dir=os.path.join(directory, "files"),
        max_size=1 << 30,
        on_upload_complete=done,
    )
)

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
logging.disable(logging.CRITICAL)
server = uvicorn.Server(uvicorn.Config(application, log_config=None))
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
server.run(sockets=[listener])
