using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using Haq.Engine.Search.Ddpg;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Search;

/// <summary>Every search strategy by its name in the manifest; a new one is a class and its line here.</summary>
public static class Strategies
{
    private static readonly (string Name, Func<SearchOptions, ISearchStrategy> Create, AgentUse Agent)[] s_all =
    [
        ("auto", options => new AutoStrategy(options), AgentUse.WhereAsked),
        ("ddpg", options => new DdpgStrategy(options), AgentUse.Always),
        ("greedy", options => new GreedyStrategy(options), AgentUse.Never),
        ("knapsack", options => new KnapsackStrategy(options), AgentUse.Never),
    ];

    /// <summary>The strategy of a manifest that names none.</summary>
    public const string Default = "auto";

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. s_all.Select(s => s.Name)];

    /// <summary>Whether the strategy called <paramref name="name"/> has an agent; never where there is no such strategy.</summary>
    public static AgentUse AgentOf(string name) => s_all.FirstOrDefault(s => s.Name == name).Agent;

    /// <summary>The strategy called <paramref name="name"/>.</summary>
    /// <exception cref="HaqException">There is none; the message lists them.</exception>
    public static ISearchStrategy Create(string name, SearchOptions options, SourceLocation? location = null)
    {
        foreach (var (known, create, _) in s_all)
            if (known == name) return create(options);
        string hint = Suggestion.For(name, Names) is { } near ? $"did you mean '{near}'? " : "";
        throw DiagnosticCatalog.UnknownStrategy.Error(location, $"there is no search strategy '{name}'; {hint}Strategies: {string.Join(", ", Names)}.");
    }
}
