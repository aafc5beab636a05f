namespace Haq.Engine.Dialects;

/// <summary>A rule that a node, or a model, does not keep.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="What">What is otherwise, in a clause: <c>tensor 'x' has zero point 128; it must be 0</c>.</param>
/// <param name="Change">What to change, in a sentence.</param>
/// <param name="Tensor">The tensor that it is about.</param>
/// <param name="Attribute">The attribute that it is about.</param>
public sealed record Breach(DialectRule Rule, string What, string Change, string? Tensor, string? Attribute);
