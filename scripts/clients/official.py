"""What the official clients of OpenAI and Anthropic for Python say of the mock."""

import sys

import anthropic
import openai
from rows import run

url = sys.argv[1]
chat = openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0)
claude = anthropic.Anthropic(base_url=url, api_key="any", max_retries=0)
HELLO = [{"role": "user", "content": "Hello"}]


def chat_ids():
    ids = {chat.chat.completions.create(model="bench-chat", messages=HELLO).id for _ in range(5)}
    assert len(ids) == 5, ids
    return f"{len(ids)} ids in 5 answers"


def refused():
    try:
        chat.chat.completions.create(model="bench-chat", messages=HELLO, temperature=3)
    except openai.BadRequestError as error:
        assert error.param == "temperature", error
        return error.message
    raise AssertionError("it was answered")


def streamed():
    stream = chat.chat.completions.create(model="bench-chat", messages=HELLO, max_tokens=3, stream=True)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    assert text == "word word word", text
    return text


def message_ids():
    ids = {claude.messages.create(model="bench-chat", max_tokens=50, messages=HELLO).id for _ in range(3)}
    assert len(ids) == 3, ids
    return f"{len(ids)} ids in 3 answers"


run("openai (Python)", "ids differ from answer to answer", chat_ids)
run("openai (Python)", "what the provider refuses is refused", refused)
run("openai (Python)", "a stream is text as a tokenizer cuts it", streamed)
run("anthropic (Python)", "ids differ from answer to answer", message_ids)
