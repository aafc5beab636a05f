using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using Haq.Engine.Search.Ddpg;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Search;

/// <summary>Every search strategy by its name in the manifest; a new one is a class and its line here.</summary>
public static class Strategies
{
    private static readonly (string Name, Func<SearchOptions, ISearchStrategy> Create)[] s_all =
    [
        ("auto", options => new AutoStrategy(options)),
        ("ddpg", options => new DdpgStrategy(options)),
        ("greedy", options => new GreedyStrategy(options)),
        ("knapsack", options => new KnapsackStrategy(options)),
    ];

    /// <summary>The strategy of a manifest that names none.</summary>
    public const string Default = "auto";

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_all.Select(s => s.Name)];

    /// <summary>The strategy called <paramref name="name"/>.</summary>
    /// <exception cref="HaqException">There is none; the message lists them.</exception>
    public static ISearchStrategy Create(string name, SearchOptions options, SourceLocation? location = null)
    {
        foreach (var (known, create) in s_all)
            if (known == name) return create(options);
        string hint = Suggestion.For(name, Names) is { } near ? $"did you mean '{near}'? " : "";
        throw DiagnosticCatalog.UnknownStrategy.Error(location, $"there is no search strategy '{name}'; {hint}Strategies: {string.Join(", ", Names)}.");
    }
}
