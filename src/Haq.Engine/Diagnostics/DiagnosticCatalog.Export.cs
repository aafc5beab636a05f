namespace Haq.Engine.Diagnostics;

/// <content>04xx: quantization and export.</content>
public static partial class DiagnosticCatalog
{
    /// <summary>Weights of an element type that is not quantized, or that are not finite.</summary>
    public static readonly DiagnosticDescriptor UnsupportedWeights = new("HAQ0401", "The weights cannot be quantized", ExitCode.Model);

    /// <summary>The float model computes infinities or NaN on the calibration data.</summary>
    public static readonly DiagnosticDescriptor NotFinite = new("HAQ0402", "Activations are not finite", ExitCode.Model);

    /// <summary>The quantized network cannot be written in the form asked for.</summary>
    public static readonly DiagnosticDescriptor NotExportable = new("HAQ0403", "The format cannot say what was asked for", ExitCode.Usage);

    /// <summary>An output differs from the float network's, and nothing that was asked for explains it.</summary>
    public static readonly DiagnosticDescriptor OutputLost = new("HAQ0404", "An output is far from the float model's", ExitCode.CheckFailed);

    /// <summary>Sums of products that 32 bits may not hold.</summary>
    public static readonly DiagnosticDescriptor AccumulatorOverflow = new("HAQ1401", "A 32-bit accumulator may overflow", ExitCode.Ok);

    /// <summary>A bias that 32 bits do not hold in units of input scale and weight scale.</summary>
    public static readonly DiagnosticDescriptor BiasNotInteger = new("HAQ1402", "A bias stays in floating point", ExitCode.Ok);

    /// <summary>An output differs from the float network's, which was asked for or accepted.</summary>
    public static readonly DiagnosticDescriptor OutputFarFromFloat = new("HAQ1403", "An output is far from the float model's, as asked for or accepted", ExitCode.Ok);

    /// <summary>Layers or tensors that 8 bits would ruin are wider.</summary>
    public static readonly DiagnosticDescriptor LeftWider = new("HAQ1404", "Layers or tensors were left wider", ExitCode.Ok);

    /// <summary>Nodes of the exported file that its target does not run.</summary>
    public static readonly DiagnosticDescriptor TargetLeavesNodes = new("HAQ1421", "The target does not run all of the network", ExitCode.Ok);

    /// <summary>A converted model has tensors with new grids, and no data was given to choose them by.</summary>
    public static readonly DiagnosticDescriptor RangesGuessed = new("HAQ1422", "Ranges were guessed from random inputs", ExitCode.Ok);

    /// <summary>16 bits everywhere would keep outputs closer to float.</summary>
    public static readonly DiagnosticDescriptor BelowWide = new("HAQ1431", "Activations of 16 bits throughout are closer to float", ExitCode.Ok);
}
