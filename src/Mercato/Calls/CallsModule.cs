namespace Mercato.Calls;

public static class CallsModule
{
    public static void AddCalls(this WebApplicationBuilder builder)
    {
        builder.Services.AddScoped<Generations>();
        builder.Services.AddScoped<Activity>();
        builder.Services.AddSingleton(provider => KeySpending.Of(provider.GetRequiredService<TimeProvider>()));
    }

    public static void MapCalls(this WebApplication app)
    {
        app.MapGeneration();
        app.MapActivity();
    }
}
