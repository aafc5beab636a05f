using Haq.Engine.Autodiff;
using Haq.Engine.Tests.Autodiff.Reference;

namespace Haq.Engine.Tests.Autodiff;

/// <summary>Every rule, on every example it ships, against central differences of a double-precision reference of the operator.</summary>
public sealed class GradientRuleTests
{
    public static IEnumerable<TheoryDataRow<string, int>> Examples =>
        GradientRules.All.SelectMany(rule => rule.Examples.Select((_, i) => new TheoryDataRow<string, int>(rule.Op, i)));

    [Fact]
    public void Every_rule_ships_an_example() => Assert.All(GradientRules.All, rule => Assert.NotEmpty(rule.Examples));

    [Theory]
    [MemberData(nameof(Examples))]
    public void A_rule_agrees_with_central_differences(string op, int example) => Check(op, example, KernelSet.Standard);

    /// <summary>The rules that emit something else with the engine's kernels; the rest is the same graph.</summary>
    [Theory]
    [MemberData(nameof(KernelExamples))]
    public void A_rule_agrees_with_central_differences_with_the_engines_kernels(string op, int example) => Check(op, example, KernelSet.Custom);

    public static IEnumerable<TheoryDataRow<string, int>> KernelExamples => Examples.Where(row => RuleRun.HasKernels(row.Data.Item1));

    private static void Check(string op, int number, KernelSet kernels)
    {
        var run = RuleRun.Of(op, number, kernels);
        for (int i = 0; i < run.Seeds.Count; i++) AssertClose(run.Expected[i], run.Outputs[i], 1e-5, $"{op} {number} output {i}");
        for (int input = 0; input < run.Inputs.Count; input++)
        {
            if (run.Gradients[input] is not { } gradient) continue;
            var array = run.Inputs[input]!;
            var differences = NdArray.From(array.Shape, _ => 0);
            for (int at = 0; at < array.Data.Length; at++)
            {
                // In double precision the error of the difference quotient is about 1e-10, far below what is asserted.
                const double h = 1e-5;
                double kept = array.Data[at];
                array.Data[at] = kept + h;
                double above = Loss(run);
                array.Data[at] = kept - h;
                double below = Loss(run);
                array.Data[at] = kept;
                differences.Data[at] = (above - below) / (2 * h);
            }
            AssertClose(differences, gradient, 1e-4, $"{op} {number} gradient of input {input}");
        }
    }

    private static double Loss(RuleRun run)
    {
        var outputs = ReferenceOperators.Run(new ReferenceNode(run.Node, [.. run.Inputs]));
        return run.Seeds.Select((w, i) => w.Data.Zip(outputs[i].Data, (a, b) => a * b).Sum()).Sum();
    }

    private static void AssertClose(NdArray expected, NdArray actual, double tolerance, string what)
    {
        Assert.Equal(expected.Data.Length, actual.Data.Length);
        double scale = Math.Max(1e-3, expected.Data.Max(Math.Abs)), worst = expected.Data.Zip(actual.Data, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(worst <= tolerance * scale, $"{what}: differs by {worst / scale:g3} of {scale:g3}");
    }
}
