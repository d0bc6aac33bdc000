"""What the official clients of OpenAI and Anthropic for Python say of the mock."""

import sys

import anthropic
import openai
from pydantic import BaseModel, Field
from rows import run

url = sys.argv[1]
chat = openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0)
claude = anthropic.Anthropic(base_url=url, api_key="any", max_retries=0)
HELLO = [{"role": "user", "content": "Hello"}]


class Stop(BaseModel):
    city: str = Field(min_length=3)
    days: int = Field(ge=2)


class Trip(BaseModel):
    stops: list[Stop] = Field(min_length=1)
    by_train: bool


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


def parsed():
    completion = chat.chat.completions.parse(model="bench-chat", messages=HELLO, response_format=Trip)
    trip = completion.choices[0].message.parsed
    assert trip.stops and all(stop.days >= 2 for stop in trip.stops), trip
    return repr(trip)


def parsed_responses():
    trip = chat.responses.parse(model="bench-chat", input="Hello", text_format=Trip).output_parsed
    assert trip.stops, trip
    return repr(trip)


def failed_stream():
    hello = [{"role": "user", "content": "Hello [[bench fault=error-frame:3 tokens=9]]"}]
    pieces = 0
    try:
        for _ in chat.chat.completions.create(model="bench-chat", messages=hello, stream=True):
            pieces += 1
    except openai.APIError as error:
        return f"behind {pieces} pieces: {error.message}"
    raise AssertionError("it ended well")


def not_kept():
    response = chat.responses.create(model="bench-chat", input="Hello")
    try:
        chat.responses.retrieve(response.id)
    except openai.NotFoundError as error:
        return error.message
    raise AssertionError("it was found")


def message_streamed():
    with claude.messages.stream(model="bench-chat", max_tokens=3, messages=HELLO) as stream:
        text = "".join(stream.text_stream)
    assert text == "word word word", text
    return text


def message_overloaded():
    hello = [{"role": "user", "content": "Hello [[bench fault=error-frame tokens=9]]"}]
    try:
        with claude.messages.stream(model="bench-chat", max_tokens=50, messages=hello) as stream:
            stream.until_done()
    except anthropic.APIStatusError as error:
        assert "overloaded_error" in str(error), error
        return str(error)
    raise AssertionError("it ended well")


run("openai (Python)", "ids differ from answer to answer", chat_ids)
run("openai (Python)", "what the provider refuses is refused", refused)
run("openai (Python)", "a stream is text as a tokenizer cuts it", streamed)
run("openai (Python)", "an answer by a schema of pydantic, with references", parsed)
run("openai (Python)", "one of Responses", parsed_responses)
run("openai (Python)", "a stream that fails half way throws", failed_stream)
run("openai (Python)", "a response that was not kept is not found", not_kept)
run("anthropic (Python)", "ids differ from answer to answer", message_ids)
run("anthropic (Python)", "a stream is text as a tokenizer cuts it", message_streamed)
run("anthropic (Python)", "a stream that is overloaded half way throws", message_overloaded)
