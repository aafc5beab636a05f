namespace Haq.Benchmarks.Reproduction;

/// <summary>One method on what it is given.</summary>
/// <param name="Group">What it is given.</param>
/// <param name="Method"><c>uniform</c>, <c>rule</c> (HAQ's budget rule from 8 bit down, without a search), or a strategy's name.</param>
internal sealed record Cell(CellGroup Group, string Method)
{
    /// <summary>The agent learns, so that its episodes count.</summary>
    public bool Learns => Method == "ddpg";

    /// <inheritdoc/>
    public override string ToString() => Learns ? $"{Group}: ddpg, {Group.Episodes} episodes" : $"{Group}: {Method}";
}
