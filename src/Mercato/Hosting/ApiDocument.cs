using System.Collections;
using System.Net.Mime;
using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Mercato.Hosting;

/// <summary>How a type with a converter of its own stands in JSON: `string` or `number`.</summary>
[AttributeUsage(AttributeTargets.Struct | AttributeTargets.Class)]
public sealed class WrittenAsAttribute(string type) : Attribute
{
    public string Type => type;

    /// <summary>What the text looks like.</summary>
    public string? Pattern { get; init; }
}

/// <summary>
/// The OpenAPI document. What it says of an endpoint stands where the endpoint is mapped; here is what they share:
/// credentials, the two shapes of errors, and types that write themselves.
/// </summary>
public static class ApiDocument
{
    private const string Problem = "Problem", Error = "Error";

    /// <summary>What an endpoint does in a sentence, and what it answers with.</summary>
    public static RouteHandlerBuilder Tells<T>(
        this RouteHandlerBuilder route, string summary, int status = StatusCodes.Status200OK) =>
        route.WithSummary(summary).Produces<T>(status);

    /// <summary>The same for an answer without a body, or with one that another service's contract defines.</summary>
    public static RouteHandlerBuilder Tells(
        this RouteHandlerBuilder route, string summary, int status = StatusCodes.Status204NoContent) =>
        route.WithSummary(summary).Produces(status);

    internal static void Configure(OpenApiOptions options)
    {
        options.CreateSchemaReferenceId = NameOf;
        options.AddSchemaTransformer(DescribeAsync);
        options.AddOperationTransformer(CompleteAsync);
        options.AddDocumentTransformer(CompleteAsync);
    }

    private static string? NameOf(JsonTypeInfo type) =>
        IsOptional(type.Type) || OpenApiOptions.CreateDefaultSchemaReferenceId(type) is not { } name ? null
        : type.Type.DeclaringType is { } owner ? owner.Name + name
        : name;

    private static bool IsOptional(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Optional<>);

    /// <summary>Types with a converter say nothing of themselves.</summary>
    private static async Task DescribeAsync(
        OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        if (IsOptional(type))
        {
            var value = await context.GetOrCreateSchemaAsync(type.GetGenericArguments()[0], null, cancellationToken);
            schema.Type = value.Type | JsonSchemaType.Null;
            (schema.Format, schema.Pattern, schema.Enum, schema.Items) = (value.Format, value.Pattern, value.Enum, value.Items);
        }
        else if (type == typeof(string) || (Nullable.GetUnderlyingType(type) ?? type) == typeof(DateTimeOffset))
        {
            schema.Type = context.JsonPropertyInfo?.IsGetNullable == true
                ? JsonSchemaType.String | JsonSchemaType.Null
                : JsonSchemaType.String;
        }
        else if ((Nullable.GetUnderlyingType(type) ?? type).GetCustomAttribute<WrittenAsAttribute>() is { } written)
        {
            schema.Type = written.Type == "number" ? JsonSchemaType.Number : JsonSchemaType.String;
            schema.Pattern = written.Pattern;
        }
        else if (typeof(IEnumerable<string>).IsAssignableFrom(type) && !typeof(IDictionary).IsAssignableFrom(type))
        {
            schema.Items = new OpenApiSchema { Type = JsonSchemaType.String };
        }
    }

    private static Task CompleteAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var use = metadata.OfType<EndpointClassAttribute>().LastOrDefault()?.Value;
        if (use == EndpointClass.Public)
        {
            operation.Security = [];
        }

        var isInference = use == EndpointClass.Inference;
        if (isInference && context.Description.HttpMethod == HttpMethods.Post)
        {
            operation.RequestBody = new OpenApiRequestBody { Required = true, Content = Json(AnyRequest()) };
            if (operation.Responses?["200"] is OpenApiResponse { Content: null or { Count: 0 } } answer)
            {
                answer.Content = Json(new OpenApiSchema { Type = JsonSchemaType.Object });
            }
        }

        var shape = metadata.OfType<ErrorShape>().Any() || isInference ? Error : Problem;
        operation.Responses ??= [];
        operation.Responses["default"] = new OpenApiResponse
        {
            Description = "Why not, in words and as a stable name.",
            Content = Json(new OpenApiSchemaReference(shape, context.Document),
                shape == Error ? MediaTypeNames.Application.Json : MediaTypeNames.Application.ProblemJson),
        };
        return Task.CompletedTask;
    }

    private static Task CompleteAsync(
        OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Mercato",
            Version = context.DocumentName,
            Description = "Models under one key: call them, see what each call costs, and manage what is yours. Amounts are "
                + "exact decimal strings in US dollars unless a member is named after another service's contract.",
        };
        // The server's own address, whatever it is.
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.AddComponent(Problem, ProblemSchema());
        document.AddComponent(Error, ErrorSchema());
        document.AddComponent<IOpenApiSecurityScheme>("bearer", new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "An API key (`mk_live_...`) or the access token of a sign-in. `x-api-key` takes the same.",
        });
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", document)] = [] }];
        return Task.CompletedTask;
    }

    private static Dictionary<string, OpenApiMediaType> Json(
        IOpenApiSchema schema, string type = MediaTypeNames.Application.Json) =>
        new() { [type] = new OpenApiMediaType { Schema = schema } };

    /// <summary>Bodies of inference are other services' contracts; what we read of all of them is the model.</summary>
    private static OpenApiSchema AnyRequest() => new()
    {
        Type = JsonSchemaType.Object,
        Properties = new Dictionary<string, IOpenApiSchema> { ["model"] = Text("Such as `openai/gpt-5-mini`.") },
        Required = new HashSet<string> { "model" },
    };

    private static OpenApiSchema ProblemSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "RFC 9457.",
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = Text("`urn:mercato:problem:` and a stable name."),
            ["title"] = Text("The name in words."),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
            ["detail"] = Text("What happened and what to do about it."),
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "Messages by member of the request.",
                AdditionalProperties = new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    Items = new OpenApiSchema { Type = JsonSchemaType.String },
                },
            },
        },
        Required = new HashSet<string> { "type", "title", "status", "detail" },
    };

    private static OpenApiSchema ErrorSchema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "As the client of the endpoint knows it: OpenAI's shape, or Anthropic's under `/messages`.",
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["error"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Properties = new Dictionary<string, IOpenApiSchema>
                {
                    ["message"] = Text("What happened and what to do about it."),
                    ["type"] = Text("The kind of error."),
                    ["code"] = new OpenApiSchema
                    {
                        Type = JsonSchemaType.String | JsonSchemaType.Integer,
                        Description = "A stable name under `/v1`, the status under `/api/v1`.",
                    },
                    ["param"] = new OpenApiSchema
                    {
                        Type = JsonSchemaType.String | JsonSchemaType.Null,
                        Description = "The member of the request at fault.",
                    },
                    ["metadata"] = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "Figures and hints." },
                },
                Required = new HashSet<string> { "message", "type" },
            },
        },
        Required = new HashSet<string> { "error" },
    };

    private static OpenApiSchema Text(string description) =>
        new() { Type = JsonSchemaType.String, Description = description };
}
