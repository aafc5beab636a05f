namespace Haq.Engine.Autodiff;

/// <summary>How the gradient passes one operator, from its outputs to its inputs: a vector-Jacobian product written in ONNX nodes.</summary>
/// <param name="Op">Operator type.</param>
/// <param name="Emit">Appends the nodes and gives each wanted input its gradient.</param>
/// <param name="Examples">Uses of the operator on which the gradient test checks the rule; all variants that the rule distinguishes.</param>
internal sealed record GradientRule(string Op, Action<GradientContext> Emit, params RuleExample[] Examples)
{
    /// <summary>Why a particular node cannot be passed, or null when it can.</summary>
    public Func<GradientContext, string?> Refuse { get; init; } = _ => null;
}
