using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;
using Haq.Engine.Search.Ddpg;
using Haq.Engine.Search.Knapsack;

namespace Haq.Engine.Search;

/// <summary>Every search strategy by its name in the manifest; a new one is a class and its line here.</summary>
public static class Strategies
{
    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<StrategyEntry> All { get; } =
    [
        new("auto", AgentUse.WhereAsked, SearchReward.Loss, options => new AutoStrategy(options)),
        new("ddpg", AgentUse.Always, SearchReward.Accuracy, options => new DdpgStrategy(options)),
        new("greedy", AgentUse.Never, SearchReward.Loss, options => new GreedyStrategy(options)),
        new("knapsack", AgentUse.Never, SearchReward.Loss, options => new KnapsackStrategy(options)),
    ];

    /// <summary>The strategy of a manifest that names none.</summary>
    public const string Default = "auto";

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(s => s.Name)];

    /// <summary>The entry of that name; null where there is none, as for policies that no search found.</summary>
    public static StrategyEntry? Find(string name) => All.FirstOrDefault(s => s.Name == name);

    /// <summary>Whether the strategy called <paramref name="name"/> has an agent; never where there is no such strategy.</summary>
    public static AgentUse AgentOf(string name) => Find(name)?.Agent ?? AgentUse.Never;

    /// <summary>The strategy called <paramref name="name"/>.</summary>
    /// <exception cref="HaqException">There is none; the message lists them.</exception>
    public static ISearchStrategy Create(string name, SearchOptions options, SourceLocation? location = null)
    {
        if (Find(name) is { } entry) return entry.Create(options);
        string hint = Suggestion.For(name, Names) is { } near ? $"did you mean '{near}'? " : "";
        throw DiagnosticCatalog.UnknownStrategy.Error(location, $"there is no search strategy '{name}'; {hint}Strategies: {string.Join(", ", Names)}.");
    }
}
