"""What an agent framework, OpenAI's own, says of the mock."""

import sys

from agents import Agent, ModelSettings, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner, function_tool, set_tracing_disabled
from openai import AsyncOpenAI
from rows import run

set_tracing_disabled(True)
client = AsyncOpenAI(base_url=f"{sys.argv[1]}/v1", api_key="any", max_retries=0)


@function_tool
def search(city: str) -> str:
    """Looks for a city."""
    return f"{city} is there"


def agent(model, settings):
    return Agent(name="Bench", instructions="Be brief.", model=model("bench-chat", client), tools=[search], model_settings=settings)


def ends(model, choice=None):
    result = Runner.run_sync(agent(model, ModelSettings(tool_choice=choice)), "Hello", max_turns=5)
    return f"{len(result.raw_responses)} turns, the last one: {result.final_output}"


run("openai-agents", "an agent on chat comes to an end", lambda: ends(OpenAIChatCompletionsModel))
run("openai-agents", "an agent on Responses comes to an end", lambda: ends(OpenAIResponsesModel))
run("openai-agents", "and one that must call a tool first", lambda: ends(OpenAIChatCompletionsModel, "required"))
