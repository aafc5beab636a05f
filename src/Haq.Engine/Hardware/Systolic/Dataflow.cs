namespace Haq.Engine.Hardware.Systolic;

/// <summary>What stays in the processing elements of a systolic array.</summary>
internal enum Dataflow
{
    /// <summary>Outputs stay; inputs and weights pass.</summary>
    OutputStationary,

    /// <summary>Weights stay.</summary>
    WeightStationary,

    /// <summary>Inputs stay.</summary>
    InputStationary,
}
