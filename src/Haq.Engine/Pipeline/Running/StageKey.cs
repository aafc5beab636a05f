namespace Haq.Engine.Pipeline.Running;

/// <summary>The content address of a stage's result: equal keys, equal bytes.</summary>
/// <param name="Stage">The stage's name.</param>
/// <param name="Digest">SHA-256 of the stage's version and of everything it read, 64 hexadecimal digits.</param>
public readonly record struct StageKey(string Stage, string Digest)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Stage}/{Digest}";
}
