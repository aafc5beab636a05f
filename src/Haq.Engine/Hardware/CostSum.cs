namespace Haq.Engine.Hardware;

/// <summary>Adds layers up to a network.</summary>
internal struct CostSum(long fixedBits)
{
    public const double JoulesPerPicojoule = 1e-12;

    private long _cycles, _innerCycles;
    private long _size = fixedBits;
    private double _seconds, _innerSeconds, _picojoules;
    private bool _lacksEnergy;

    /// <summary>Adds one layer; <paramref name="isEnd"/> for the first and the last.</summary>
    /// <exception cref="OverflowException">The sum does not fit 64 bits.</exception>
    public void Add(in LayerCost cost, long sizeBits, bool isEnd)
    {
        _cycles = checked(_cycles + cost.Cycles);
        _size = checked(_size + sizeBits);
        _seconds += cost.Seconds;
        if (!isEnd)
        {
            _innerCycles += cost.Cycles;
            _innerSeconds += cost.Seconds;
        }
        if (cost.Energy is { } energy) _picojoules += energy.Total;
        else _lacksEnergy = true;
    }

    public readonly NetworkCost Network =>
        new(_cycles, _innerCycles, _seconds, _innerSeconds, _lacksEnergy ? null : _picojoules * JoulesPerPicojoule, _size);
}
