"""What LangChain says of the mock."""

import sys

from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, Field
from rows import run

url = sys.argv[1]


@tool
def search(city: str) -> str:
    """Looks for a city."""
    return f"{city} is there"


def loop(model):
    model = model.bind_tools([search])
    messages = [HumanMessage("Hello")]
    ids = []
    for _ in range(4):
        answer = model.invoke(messages)
        ids.append(answer.id)
        messages.append(answer)
        if not answer.tool_calls:
            assert len(set(ids)) == len(ids), ids
            return f"{len(ids)} answers, the last one: {answer.content}"
        messages += [ToolMessage(search.invoke(call["args"]), tool_call_id=call["id"]) for call in answer.tool_calls]
    raise AssertionError("it never ends")


def responses():
    model = ChatOpenAI(model="bench-chat", base_url=f"{url}/v1", api_key="any", use_responses_api=True, max_retries=0)
    one, other = model.invoke("Hello"), model.invoke("Hello")
    assert one.id != other.id, one.id
    return f"{one.id}, {other.id}"


def streamed():
    pieces = list(chat.stream("Hello", max_tokens=3, stream_usage=True))
    whole = pieces[0]
    for piece in pieces[1:]:
        whole += piece
    assert whole.content == "word word word" and whole.usage_metadata["output_tokens"] == 3, whole
    return f"{whole.content}: {whole.usage_metadata}"


def structured():
    trip = chat.with_structured_output(Trip).invoke("Hello")
    assert trip.days >= 2, trip
    return repr(trip)


class Trip(BaseModel):
    city: str
    days: int = Field(ge=2)


chat = ChatOpenAI(model="bench-chat", base_url=f"{url}/v1", api_key="any", max_retries=0)
claude = ChatAnthropic(model="bench-chat", base_url=url, api_key="any", max_retries=0)
run("langchain-openai", "an agent comes to an end", lambda: loop(chat))
run("langchain-openai", "a stream tells its usage", streamed)
run("langchain-openai", "an answer by a schema", structured)
run("langchain-anthropic", "an agent comes to an end", lambda: loop(claude))
run("langchain-openai", "answers of Responses do not take each other's place", responses)
