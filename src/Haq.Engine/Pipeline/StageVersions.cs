namespace Haq.Engine.Pipeline;

/// <summary>The version of every stage that is cached: raised whenever the stage computes something else from the same input.</summary>
public static class StageVersions
{
    /// <summary>Ranges of activations, and how their channels are evened out.</summary>
    public const int Calibrate = 5;

    /// <summary>How much each choice hurts by itself.</summary>
    public const int Score = 12;

    /// <summary>The choice of bits.</summary>
    public const int Search = 24;

    /// <summary>The best candidates on a device.</summary>
    public const int Device = 3;

    /// <summary>What is left wider for the outputs' sake.</summary>
    public const int Mend = 6;

    /// <summary>Learned rounding.</summary>
    public const int Reconstruct = 8;

    /// <summary>Training after the bits are chosen.</summary>
    public const int Finetune = 9;

    /// <summary>The exported model.</summary>
    public const int Export = 12;

    /// <summary>The whole result: model, report and policy.</summary>
    public const int Result = 22;

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<(string Stage, int Version)> All { get; } =
        [("calibrate", Calibrate), ("score", Score), ("search", Search), ("device", Device), ("mend", Mend), ("reconstruct", Reconstruct), ("finetune", Finetune), ("export", Export), ("result", Result)];
}
