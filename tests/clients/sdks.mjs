// The official SDKs, and the AI SDK's default OpenAI provider in a tool loop of three steps, with their default options.
// usage: node sdks.mjs GATEWAY KEY MODEL      run by agents.sh, in the folder that has node_modules
import { createOpenAI } from '@ai-sdk/openai'
import Anthropic from '@anthropic-ai/sdk'
import { generateText, jsonSchema, stepCountIs, tool } from 'ai'
import OpenAI from 'openai'
import assert from 'node:assert/strict'

const [gateway, apiKey, model] = process.argv.slice(2)
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false }
const found = { city: 'Oslo', degrees: 7 }

async function openaiChat() {
  const client = new OpenAI({ apiKey, baseURL: `${gateway}/v1`, maxRetries: 0 })
  const tools = [{ type: 'function', function: { name: 'forecast', description: 'Weather', parameters } }]
  const messages = [{ role: 'user', content: 'How is the weather?' }]
  const first = await client.chat.completions.stream({ model, messages, tools, stream_options: { include_usage: true } }).finalChatCompletion()
  const calls = first.choices[0].message.tool_calls
  assert(calls.length >= 1 && JSON.parse(calls[0].function.arguments).city && first.usage.cost > 0)
  messages.push(first.choices[0].message, ...calls.map(call => ({ role: 'tool', tool_call_id: call.id, content: JSON.stringify(found) })))
  const second = await client.chat.completions.create({ model, messages, tools })
  assert.equal(second.choices[0].finish_reason, 'stop')
  assert(second.choices[0].message.content.length > 0)
}

async function openaiResponses() {
  const client = new OpenAI({ apiKey, baseURL: `${gateway}/v1`, maxRetries: 0 })
  const tools = [{ type: 'function', name: 'forecast', description: 'Weather', parameters, strict: false }]
  const first = await client.responses.stream({ model, input: 'How is the weather?', tools }).finalResponse()
  const calls = first.output.filter(item => item.type === 'function_call')
  assert(calls.length >= 1)
  const second = await client.responses.create({
    model, tools, previous_response_id: first.id,
    input: calls.map(call => ({ type: 'function_call_output', call_id: call.call_id, output: JSON.stringify(found) })),
  })
  assert(second.output_text.length > 0 && second.status === 'completed')
}

async function anthropicMessages() {
  const client = new Anthropic({ apiKey, baseURL: gateway, maxRetries: 0 })
  const tools = [{ name: 'forecast', description: 'Weather', input_schema: parameters }]
  const messages = [{ role: 'user', content: 'How is the weather?' }]
  const first = await client.messages.stream({ model, max_tokens: 1000, messages, tools }).finalMessage()
  assert.equal(first.stop_reason, 'tool_use')
  const calls = first.content.filter(block => block.type === 'tool_use')
  messages.push({ role: 'assistant', content: first.content },
    { role: 'user', content: calls.map(call => ({ type: 'tool_result', tool_use_id: call.id, content: JSON.stringify(found) })) })
  const second = await client.messages.create({ model, max_tokens: 1000, messages, tools })
  assert.equal(second.stop_reason, 'end_turn')
  assert(second.content.some(block => block.type === 'text' && block.text))
}

/** Its default provider speaks Responses and refers to stored items. The fake calls a tool once per question, so two ask. */
async function aiSdk() {
  const provider = createOpenAI({ apiKey, baseURL: `${gateway}/v1` })
  let runs = 0
  const ask = messages => generateText({
    model: provider(model), messages, stopWhen: stepCountIs(3), maxRetries: 0,
    tools: { forecast: tool({ description: 'Weather', inputSchema: jsonSchema(parameters), execute: async () => (runs++, found) }) },
  })
  const messages = [{ role: 'user', content: 'How is the weather?' }]
  const first = await ask(messages)
  const second = await ask([...messages, ...first.response.messages, { role: 'user', content: 'And tomorrow?' }])
  assert(first.steps.length + second.steps.length >= 3 && runs >= 2)
  assert(first.text && second.text)
}

let failed = 0
for (const journey of [openaiChat, openaiResponses, anthropicMessages, aiSdk]) {
  try {
    await journey()
    console.log(`ok    ${journey.name} ${model}`)
  } catch (problem) {
    failed = 1
    console.log(`WRONG ${journey.name} ${model}: ${problem.stack?.slice(0, 600) ?? problem}`)
  }
}
process.exit(failed)
