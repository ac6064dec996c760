using Mercato.Accounts;
using Mercato.Hosting;
using Mercato.Tests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Mercato.Tests;

/// <summary>Who may use whom, checked over the compiled code.</summary>
public sealed class Architecture
{
    /// <summary>Each line may use itself and the lines before it. Pages, the user interface and the
    /// compiled database models, which name every module's entities, stand above them all.</summary>
    private static readonly string[][] Layers =
    [
        ["Wire"], ["Hosting", "Data"], ["Audit"], ["Accounts"], ["Ledger"], ["Catalog"], ["Calls"], ["Providers"], ["Recommend"],
        ["Gateway"], ["Chat"], ["Admin"], ["Pages", "Ui", "Compiled"],
    ];

    /// <summary>The words for money are everybody's.</summary>
    private static readonly string[] Vocabulary = ["Mercato.Ledger.Money", "Mercato.Ledger.MoneyNumber"];

    private static readonly Code[] Conversions =
        [Code.Conv_R4, Code.Conv_R8, Code.Conv_R_Un, Code.Ldc_R4, Code.Ldc_R8];

    private static readonly Lazy<IReadOnlyList<TypeDefinition>> Types = new(() =>
    [
        .. AssemblyDefinition.ReadAssembly(typeof(Program).Assembly.Location, new ReaderParameters { InMemory = true })
            .MainModule.GetTypes(),
    ]);

    [Fact]
    public void Modules_UseOnlyWhatStandsBeforeThem()
    {
        var wrong = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var type in Types.Value)
        {
            var own = LayerOf(type);
            if (own < 0)
            {
                continue;
            }

            foreach (var used in Uses.Of(type).Where(used => LayerOf(used) > own && !Vocabulary.Contains(used.FullName)))
            {
                wrong.Add($"{Outermost(type).FullName} uses {Outermost(used).FullName}");
            }
        }

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void EveryModule_HasItsPlaceInTheTable()
    {
        var known = Layers.SelectMany(layer => layer).ToHashSet();

        Types.Value.Select(ModuleOf).OfType<string>().Distinct().Where(module => !known.Contains(module)).ShouldBeEmpty();
    }

    /// <summary>The auditor reads what the ledger wrote: with a rule or a sum of the writer it would repeat its errors.
    /// Of the ledger's own words it does not even take the one for money.</summary>
    [Fact]
    public void Audit_SharesNoCodeWithWhatItAudits()
    {
        var audit = Types.Value.Where(type => Outermost(type).Namespace == "Mercato.Audit").ToList();

        audit.Count.ShouldBeGreaterThan(10);
        audit.SelectMany(Uses.Of).Where(used => ModuleOf(used) == "Ledger").Select(used => used.FullName).ShouldBeEmpty();
    }

    [Fact]
    public void LedgerAndPricing_KnowNoFloatingPoint()
    {
        var wrong = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var type in Types.Value.Where(IsAboutMoney))
        {
            foreach (var field in type.Fields.Where(field => IsFloating(field.FieldType)))
            {
                wrong.Add($"field {field.FullName}");
            }

            foreach (var method in type.Methods.Where(UsesFloating))
            {
                wrong.Add($"method {method.FullName}");
            }
        }

        wrong.ShouldBeEmpty();
    }

    private static bool UsesFloating(MethodDefinition method) =>
        IsFloating(method.ReturnType) || method.Parameters.Any(parameter => IsFloating(parameter.ParameterType))
        || (method.HasBody && (method.Body.Variables.Any(variable => IsFloating(variable.VariableType))
            || method.Body.Instructions.Any(instruction => Conversions.Contains(instruction.OpCode.Code))));

    private static bool IsFloating(TypeReference type) =>
        type.MetadataType is MetadataType.Double or MetadataType.Single
        || (type is GenericInstanceType generic && generic.GenericArguments.Any(IsFloating))
        || (type is TypeSpecification specification && IsFloating(specification.ElementType));

    private static bool IsAboutMoney(TypeDefinition type) =>
        Outermost(type).FullName is "Mercato.Catalog.Pricing" or "Mercato.Catalog.Bill" or "Mercato.Catalog.LineItem"
        || (ModuleOf(type) is "Ledger" or "Audit");

    private static int LayerOf(TypeReference type) =>
        ModuleOf(type) is { } module ? Array.FindIndex(Layers, layer => layer.Contains(module)) : -1;

    /// <summary>The module is the namespace's second word; pages belong to the top, whichever folder they stand in.</summary>
    private static string? ModuleOf(TypeReference type)
    {
        var words = Outermost(type).Namespace.Split('.');
        return words is not ["Mercato", var module, ..] ? null : words.Contains("Pages") ? "Pages" : module;
    }

    private static TypeReference Outermost(TypeReference type) =>
        type.DeclaringType is null ? type : Outermost(type.DeclaringType);
}

/// <summary>The types that a type's code mentions.</summary>
internal static class Uses
{
    public static IEnumerable<TypeReference> Of(TypeDefinition type) =>
        Parts(type).OfType<TypeReference>().SelectMany(Simple).DistinctBy(used => used.FullName);

    private static IEnumerable<TypeReference?> Parts(TypeDefinition type) =>
    [
        type.BaseType,
        .. type.Interfaces.Select(implemented => implemented.InterfaceType),
        .. type.CustomAttributes.Select(attribute => attribute.AttributeType),
        .. type.Fields.Select(field => field.FieldType),
        .. type.Methods.SelectMany(OfMethod),
    ];

    private static IEnumerable<TypeReference?> OfMethod(MethodDefinition method) =>
    [
        method.ReturnType,
        .. method.Parameters.Select(parameter => parameter.ParameterType),
        .. method.CustomAttributes.Select(attribute => attribute.AttributeType),
        .. method.HasBody ? method.Body.Variables.Select(variable => variable.VariableType) : [],
        .. method.HasBody ? method.Body.Instructions.SelectMany(instruction => OfOperand(instruction.Operand)) : [],
    ];

    private static IEnumerable<TypeReference?> OfOperand(object? operand) => operand switch
    {
        TypeReference type => [type],
        FieldReference field => [field.DeclaringType, field.FieldType],
        MethodReference method =>
        [
            method.DeclaringType, method.ReturnType, .. method.Parameters.Select(parameter => parameter.ParameterType),
            .. method is GenericInstanceMethod generic ? generic.GenericArguments : [],
        ],
        _ => [],
    };

    private static IEnumerable<TypeReference> Simple(TypeReference type) => type switch
    {
        GenericInstanceType generic => [generic.ElementType, .. generic.GenericArguments.SelectMany(Simple)],
        TypeSpecification specification => Simple(specification.ElementType),
        GenericParameter => [],
        _ => [type],
    };
}

/// <summary>
/// Every endpoint with its class stands in Endpoints.txt, so that a new one, or one that changes who may call it, is a
/// line that somebody reads.
/// </summary>
public sealed class EndpointTableTests(SqliteApp app) : IClassFixture<SqliteApp>
{
    private IEnumerable<Endpoint> Endpoints => app.Services.GetRequiredService<IEnumerable<EndpointDataSource>>()
        .SelectMany(source => source.Endpoints);

    [Fact]
    public void EveryEndpoint_HasAClass() =>
        Endpoints.Where(endpoint => EndpointClasses.ClassOf(endpoint) is null).Select(endpoint => endpoint.DisplayName)
            .ShouldBeEmpty();

    [Fact]
    public void EveryEndpoint_StandsInTheReviewedTable()
    {
        var path = Path.Combine(Repository.Root, "tests", "Mercato.Tests", "Endpoints.txt");
        var reviewed = File.ReadLines(path).Where(line => line.Length > 0 && line[0] != '#').ToList();

        var real = Endpoints.OfType<RouteEndpoint>().Select(Row).Distinct().Order(StringComparer.Ordinal).ToList();

        real.Except(reviewed).ShouldBeEmpty("Endpoints that tests/Mercato.Tests/Endpoints.txt lacks");
        reviewed.Except(real).ShouldBeEmpty("Rows of tests/Mercato.Tests/Endpoints.txt without an endpoint");
    }

    [Fact]
    public void InferenceAndProgramRoutes_TakeNoCookie() =>
        Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => EndpointClasses.ClassOf(endpoint) == EndpointClass.Inference
                || Route(endpoint).StartsWith("/v1/", StringComparison.OrdinalIgnoreCase))
            .Where(endpoint => AccessGate.AllowsCookie(endpoint, EndpointClasses.ClassOf(endpoint)!.Value))
            .Select(Row).ShouldBeEmpty();

    private static string Row(RouteEndpoint endpoint) => string.Join(' ',
        EndpointClasses.ClassOf(endpoint)?.ToString() ?? "?",
        string.Join(',', endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Order() ?? (IEnumerable<string>)["*"]),
        Route(endpoint));

    private static string Route(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText?.TrimStart('/');
}
