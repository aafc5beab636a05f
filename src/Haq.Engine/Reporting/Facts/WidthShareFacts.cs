namespace Haq.Engine.Reporting.Facts;

/// <summary>How much of all activations has one width.</summary>
/// <param name="Bits">The width; 32 is floating point.</param>
/// <param name="Share">Of the numbers in all tensors that have a width, 0..1. A tensor counts once, however many read it, unless it is kept in two widths.</param>
public sealed record WidthShareFacts(int Bits, double Share);
