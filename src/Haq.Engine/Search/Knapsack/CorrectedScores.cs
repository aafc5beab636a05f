using Haq.Engine.Evaluation.Sensitivity;
using Haq.Engine.Hardware;
using Haq.Engine.Layers;

namespace Haq.Engine.Search.Knapsack;

/// <summary>
/// The additive surrogate, corrected by what is measured: where a policy's loss is above the sum of its choices' scores, all of its choices become dearer, and others worth a try; where it
/// is below, they become cheaper. Scores keep their proportions within a policy, as one number cannot tell which of them was wrong.
/// </summary>
internal sealed class CorrectedScores
{
    // Half-way: a policy shares most of its choices with the next one, which would otherwise be corrected for the same error twice.
    private const double Rate = 0.5;

    // Beyond, a ratio says that one of the two is nearly nothing, not how much dearer choices are.
    private const double MostRatio = 8;

    private readonly SearchProblem _problem;
    private readonly double[] _weights, _activations;

    /// <summary>Starts from scores.</summary>
    public CorrectedScores(SearchProblem problem, SensitivityTable scores)
    {
        _problem = problem;
        (_weights, _activations) = (new double[scores.Layers * SensitivityTable.MaxBits], new double[scores.Layers * SensitivityTable.MaxBits]);
        for (int layer = 0; layer < scores.Layers; layer++)
        {
            scores.WeightsOf(layer).CopyTo(_weights.AsSpan(layer * SensitivityTable.MaxBits));
            scores.ActivationsOf(layer).CopyTo(_activations.AsSpan(layer * SensitivityTable.MaxBits));
        }
    }

    /// <summary>Takes a measured policy into account.</summary>
    public void Learn(Policy policy, double loss)
    {
        double predicted = 0;
        for (int layer = 0; layer < policy.Count; layer++) predicted += Of(layer, policy[layer]);
        if (!(predicted > 0) || !double.IsFinite(loss)) return;
        double factor = Math.Pow(Math.Clamp(loss / predicted, 1 / MostRatio, MostRatio), Rate);
        for (int layer = 0; layer < policy.Count; layer++)
        {
            Scale(_weights, layer, policy[layer].Weights, factor);
            Scale(_activations, layer, policy[layer].Activations, factor);
        }
    }

    /// <summary>The knapsack's policy by what is known now; null where the budget cannot be met.</summary>
    public Policy? Solve(Budget budget) => new PolicyKnapsack(_problem.Space, _problem.Costs, budget, Of).Solve()?.Policy;

    /// <summary>The affordable policy that adds least damage to a wanted one by what is known now; null where there is none.</summary>
    public Policy? Project(Budget budget, Policy wanted) => BudgetProjection.Nearest(_problem.Space, _problem.Costs, budget, wanted, Of);

    private double Of(int layer, LayerBits bits) => Of(_weights, layer, bits.Weights) + Of(_activations, layer, bits.Activations);

    private static double Of(double[] scores, int layer, Bitwidth width) => width > SensitivityTable.MaxBits ? 0 : scores[layer * SensitivityTable.MaxBits + width - 1];

    private static void Scale(double[] scores, int layer, Bitwidth width, double factor)
    {
        if (width <= SensitivityTable.MaxBits) scores[layer * SensitivityTable.MaxBits + width - 1] *= factor;
    }
}
