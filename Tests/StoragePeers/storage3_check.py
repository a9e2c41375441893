"""Uses a storage server as its official Python client does, and checks what the client makes of the answers.

usage: storage3_check.py ADDRESS KEY
"""

import sys

import httpx
from storage3 import create_client
from storage3.exceptions import StorageApiError

address, key = sys.argv[1:]
api = f"{address}/storage/v1/"
client = create_client(api, {"apiKey": key, "Authorization": f"Bearer {key}"}, is_async=False)


def refused(status, error, call, *arguments):
    """The client shows the body's statusCode as `status` and the body's error as `code`."""
    try:
        call(*arguments)
    except StorageApiError as refusal:
        assert (str(refusal.status), refusal.code) == (status, error), vars(refusal)
    else:
        raise AssertionError(f"{call} {arguments} was not refused")


# Buckets
client.create_bucket("peers", options={"public": False, "file_size_limit": 1000})
refused("409", "Duplicate", client.create_bucket, "peers")
refused("404", "Bucket not found", client.get_bucket, "none")
refused("400", "Invalid Input", client.create_bucket, "a/b")
bucket = client.get_bucket("peers")
assert (bucket.id, bucket.public, bucket.file_size_limit) == ("peers", False, 1000), vars(bucket)
assert [each.id for each in client.list_buckets()] == ["peers"]
client.update_bucket("peers", {"public": False, "file_size_limit": 1 << 20})
assert client.get_bucket("peers").file_size_limit == 1 << 20

# Uploads of both kinds of form
files = client.from_("peers")
answer = files.upload("dir/a b+c.txt", b"first")
assert (answer.path, answer.full_path) == ("dir/a b+c.txt", "peers/dir/a b+c.txt"), vars(answer)
refused("409", "Duplicate", files.upload, "dir/a b+c.txt", b"second")
assert files.download("dir/a b+c.txt") == b"first"
files.upload("dir/a b+c.txt", b"second", {"upsert": "true"})
assert files.download("dir/a b+c.txt") == b"second"
files.update("dir/a b+c.txt", b"third", {"content-type": "text/markdown"})
files.upload("dir/deep/b", b"\x00\r\n--\xff" * 20, {"metadata": {"sha256": "x"}, "cache-control": "60"})
assert files.download("dir/deep/b") == b"\x00\r\n--\xff" * 20
files.upload("empty", b"")
assert files.download("empty") == b""
refused("413", "Payload too large", files.upload, "large", bytes((1 << 20) + 1))
refused("400", "InvalidKey", files.upload, "ä", b"x")
refused("404", "Bucket not found", client.from_("none").upload, "a", b"x")

# What is there
info = files.info("dir/deep/b")
assert (info["name"], info["size"], info["metadata"]) == ("dir/deep/b", 120, {"sha256": "x"}), info
assert info["cache_control"] == "max-age=60", info
assert files.info("dir/a b+c.txt")["content_type"] == "text/markdown"
assert files.exists("empty") and not files.exists("none")
refused("404", "not_found", files.info, "none")
refused("404", "not_found", files.download, "none")
assert [(row["name"], row["id"] is None) for row in files.list()] == [("dir", True), ("empty", False)]
assert [row["name"] for row in files.list("dir")] == ["a b+c.txt", "deep"]
assert [row["name"] for row in files.list("dir", {"limit": 1, "offset": 1})] == ["deep"]
assert [row["name"] for row in files.list("", {"search": "em"})] == ["empty"]
page = files.list_v2({"limit": 2})
assert page.hasNext and [each.name for each in page.objects] == ["dir/a b+c.txt", "dir/deep/b"], page
page = files.list_v2({"limit": 2, "cursor": page.nextCursor})
assert not page.hasNext and [each.name for each in page.objects] == ["empty"], page
page = files.list_v2({"with_delimiter": True})
assert [each.name for each in page.objects] == ["empty"], page
assert [each.name for each in page.folders] == ["dir/"], page

# URLs that need no key
signed = files.create_signed_url("dir/deep/b", 60)["signedURL"]
assert httpx.get(signed).content == b"\x00\r\n--\xff" * 20
assert httpx.get(signed + "0").status_code == 400
refused("404", "not_found", files.create_signed_url, "none", 60)
both = files.create_signed_urls(["empty", "none"], 60)
assert [each["error"] is None for each in both] == [True, False], both
ticket = files.create_signed_upload_url("dir/signed")
files.upload_to_signed_url("dir/signed", ticket["token"], b"by ticket")
assert files.download("dir/signed") == b"by ticket"

# Moving, copying, removing
files.copy("empty", "empty too")
files.move("dir/signed", "moved")
assert files.exists("empty too") and files.exists("moved") and not files.exists("dir/signed")
refused("404", "not_found", files.move, "none", "moved")
removed = files.remove(["moved", "none", "empty too"])
assert [each["name"] for each in removed] == ["moved", "empty too"], removed
client.empty_bucket("peers")
assert files.list() == []
client.delete_bucket("peers")
assert client.list_buckets() == []

# Keys
stranger = create_client(api, {"apiKey": "x", "Authorization": "Bearer x"}, is_async=False)
refused("403", "Unauthorized", stranger.list_buckets)
print("as the client expects")
