using Haq.Engine.Quantization.Places;
using Haq.Engine.Quantization.Regions;

namespace Haq.Engine.Search.Regions;

/// <summary>What a network's units cost in each form, and its tensors where a border runs through them. Seconds.</summary>
/// <param name="Units">By form and unit; infinite where a unit has no such form.</param>
/// <param name="Quantize">By tensor: made as real numbers and read as integers by some.</param>
/// <param name="Dequantize">By tensor: made as integers and read as real numbers by some.</param>
/// <param name="Dynamic">By tensor: read by some with a scale of every run; once however many they are.</param>
/// <param name="Fixed">Everything else of a run.</param>
public sealed record RegionCosts(double[][] Units, double[] Quantize, double[] Dequantize, double[] Dynamic, double Fixed)
{
    /// <summary>Number of forms.</summary>
    public static int Forms { get; } = Enum.GetValues<UnitForm>().Length;

    /// <summary>What a unit costs in a form.</summary>
    public double Of(int unit, UnitForm form) => Units[(int)form][unit];

    /// <summary>Tables of one cost per form and unit.</summary>
    public static double[][] Table(int units, double value)
    {
        double[][] table = new double[Forms][];
        for (int f = 0; f < Forms; f++) Array.Fill(table[f] = new double[units], value);
        return table;
    }
}
