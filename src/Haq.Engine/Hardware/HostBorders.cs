using System.Collections.Immutable;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>
/// What of a network its toolchain leaves to the host whatever the widths, and which tensors lie between layers: what is paid for a layer on the host depends on where its neighbours are.
/// </summary>
/// <param name="Layers">By index; layers behind the end are tensors, which have none of this.</param>
/// <param name="Tensors">What layers read of each other.</param>
/// <param name="Nodes">What is no layer and left to the host, by name.</param>
public sealed record HostBorders(ImmutableArray<HostBorders.Own> Layers, ImmutableArray<HostBorders.Between> Tensors, ImmutableArray<string> Nodes)
{
    /// <summary>A network of which nothing is known but its layers.</summary>
    public static HostBorders None { get; } = new([], [], []);

    /// <summary>What a layer pays by itself.</summary>
    /// <param name="IsOnHost">The host computes it whatever its widths.</param>
    /// <param name="Numbers">What operators behind it (or in front of the first layer) read and write on the host.</param>
    /// <param name="Moved">Numbers of every tensor that passes between it and such operators: moved unless the layer is on the host, too.</param>
    public sealed record Own(bool IsOnHost, long Numbers, ImmutableArray<long> Moved)
    {
        /// <summary>It is on the accelerator, and so is all around it.</summary>
        public bool IsNothing => !IsOnHost && Numbers == 0 && Moved.IsEmpty;
    }

    /// <summary>A tensor that a layer reads and another made.</summary>
    /// <param name="From">The layer that made it, alone or as a part of a sum.</param>
    /// <param name="To">The layer that reads it.</param>
    /// <param name="Numbers">In it, per image.</param>
    public readonly record struct Between(int From, int To, long Numbers);

    /// <summary>What a layer pays by itself.</summary>
    public Own this[int layer] => layer < Layers.Length ? Layers[layer] : s_nothing;

    private static readonly Own s_nothing = new(false, 0, []);

    /// <summary>A layer's cost with what its place adds.</summary>
    internal LayerCost Add(LayerCost own, int layer, bool isOnHost, HostCosts host, int batch)
    {
        var place = this[layer];
        if (place.Numbers > 0) own = own.Plus(host.Work(place.Numbers, batch));
        if (!isOnHost) foreach (long numbers in place.Moved) own = own.Plus(host.Transfer(numbers, batch));
        return own;
    }

    /// <summary>The transfers between layers of which one is on the host; null where there are none.</summary>
    internal WidthEdges? Edges(HostCosts host, int batch) => WidthEdges.Of(
        from tensor in Tensors
        let moved = host.Transfer(tensor.Numbers, batch)
        select WidthEdges.Edge.Of(tensor.From, tensor.To, (a, b) => (a.IsFloat || this[tensor.From].IsOnHost) != (b.IsFloat || this[tensor.To].IsOnHost) ? moved : default));
}
