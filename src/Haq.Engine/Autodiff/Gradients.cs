using Haq.Engine.Graphs;

namespace Haq.Engine.Autodiff;

/// <summary>What the backward walk found.</summary>
public sealed class Gradients
{
    private readonly Dictionary<Value, Value> _of;

    internal Gradients(Dictionary<Value, Value> of, IReadOnlyList<GradientObstacle> obstacles) => (_of, Obstacles) = (of, obstacles);

    /// <summary>Values that were asked for but cannot be trained, and what is in the way.</summary>
    public IReadOnlyList<GradientObstacle> Obstacles { get; }

    /// <summary>The gradient with respect to a wanted value: its shape. Null when the loss does not depend on it, or an obstacle is in between.</summary>
    public Value? Of(Value wanted) => _of.GetValueOrDefault(wanted);
}
