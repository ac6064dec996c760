using System.Text.RegularExpressions;
using Mercato.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design.Internal;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Scaffolding;
using Microsoft.Extensions.DependencyInjection;

namespace Mercato.Tests.Hosting;

/// <summary>What is generated from the entities, migrations and compiled models, says what the entities say.</summary>
public sealed class ModelTests
{
    public static TheoryData<MercatoContext> Contexts =>
        [new SqliteDesign().CreateDbContext([]), new PostgresDesign().CreateDbContext([])];

    [Theory]
    [MemberData(nameof(Contexts), DisableDiscoveryEnumeration = true)]
    public void Migrations_HoldEveryChangeOfTheModel(MercatoContext context) =>
        context.Database.HasPendingModelChanges()
            .ShouldBeFalse("An entity changed without a migration: CONTRIBUTING.md, \"Change the model\".");

    [Theory]
    [MemberData(nameof(Contexts), DisableDiscoveryEnumeration = true)]
    public void CompiledModel_IsWhatTheEntitiesGiveToday(MercatoContext context)
    {
        var database = context is SqliteContext ? "Sqlite" : "Postgres";
        var today = Directory.CreateTempSubdirectory("mercato-model-");
        try
        {
            Generate(context, "Mercato.Compiled." + database, today.FullName);

            var kept = Path.Combine(Repository.Root, "src", "Mercato", "Data", "Compiled", database);
            Read(kept).Except(Read(today.FullName)).Concat(Read(today.FullName).Except(Read(kept)))
                .Select(file => file.Name).Distinct()
                .ShouldBeEmpty("Files to generate anew: CONTRIBUTING.md, \"Change the model\".");
        }
        finally
        {
            today.Delete(recursive: true);
        }
    }

    /// <summary>The files without the id that each generation draws anew.</summary>
    private static IEnumerable<(string Name, string Text)> Read(string folder) =>
        Directory.EnumerateFiles(folder).Select(path => (Path.GetFileName(path),
            Regex.Replace(File.ReadAllText(path), @"modelId: new Guid\(""[^""]+""\)", "")));

#pragma warning disable EF1001 // The generator of `dotnet ef dbcontext optimize` has no public door.
    private static void Generate(MercatoContext context, string modelNamespace, string folder)
    {
        var assembly = typeof(MercatoContext).Assembly;
        var services = new DesignTimeServicesBuilder(assembly, assembly, new OperationReporter(null), []).Build(context);
        services.GetRequiredService<ICompiledModelScaffolder>().ScaffoldModel(
            context.GetService<IDesignTimeModel>().Model,
            folder,
            new CompiledModelCodeGenerationOptions
            {
                ContextType = context.GetType(),
                ModelNamespace = modelNamespace,
                Language = "C#",
                UseNullableReferenceTypes = true,
            });
    }
#pragma warning restore EF1001
}
