using Haq.Engine.Numerics;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Quantization;
using Haq.Engine.Search;

namespace Haq.Engine.Pipeline.Results;

/// <summary>What is to be solved, whoever solves it.</summary>
/// <param name="Model">The network.</param>
/// <param name="Pricing">Choices, costs and budget.</param>
/// <param name="Seed">Of every random choice.</param>
/// <param name="TimeLimit">When a search ends with its best so far; null for never.</param>
/// <param name="Objective">What to make best.</param>
/// <param name="AccuracyDrop">Percentage points that may be lost; null for no limit.</param>
internal sealed record SearchTask(Handle<QuantizableModel> Model, Handle<Pricing> Pricing, ulong Seed, TimeSpan? TimeLimit, SearchObjective Objective, double? AccuracyDrop)
{
    /// <summary>The problem, without what its measurements are made with.</summary>
    public SearchProblem Problem()
    {
        var pricing = Pricing.Value;
        return new SearchProblem(Model.Value.Items, pricing.Space, pricing.Costs, pricing.Budget, new SeededRandom(Seed).Fork("search"), TimeLimit)
        {
            Objective = Objective, AccuracyDropLimit = AccuracyDrop,
        };
    }
}
