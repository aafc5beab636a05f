namespace Haq.Engine.Hardware.Probes;

/// <summary>What a probe is.</summary>
public enum ProbeKind
{
    /// <summary>Nothing to speak of: what it takes is what every run takes.</summary>
    Empty,

    /// <summary>One layer by itself.</summary>
    Layer,

    /// <summary>A layer with everything behind it, up to the next layers.</summary>
    Group,

    /// <summary>What comes before the first layer.</summary>
    Start,

    /// <summary>A tensor that changes its width.</summary>
    Convert,

    /// <summary>The whole network under one policy.</summary>
    Policy,
}
