using Haq.Engine.Layers;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Haq.Engine.Tests;

/// <summary>A room uses only rooms below it. Signatures and method bodies count, not just using lines.</summary>
public sealed class LayeringTests
{
    // Roof first. Rooms on one line are strangers; the rooms of the ground floor may use those that follow them.
    private static readonly string[][] s_floors =
    [
        ["Pipeline"],
        ["Manifest", "Reporting"],
        ["Search"],
        ["Evaluation"],
        ["Training"],
        ["Quantization"],
        ["Data", "Autodiff"],
        ["Runtime"],
        ["Onnx", "Hardware"],
        ["Layers"], ["Yaml"], ["Diagnostics"], ["Numerics"], ["Files"],
    ];

    private static readonly ModuleDefinition s_engine = ModuleDefinition.ReadModule(typeof(Policy).Assembly.Location);

    [Fact]
    public void A_room_uses_only_rooms_below_it()
    {
        var violations = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var type in s_engine.GetTypes())
        {
            string room = RoomOf(type.FullName);
            if (room.Length == 0) continue;
            foreach (var (used, where) in UsedTypes(type))
            {
                string other = RoomOf(used.FullName);
                if (other.Length > 0 && other != room && FloorOf(other) <= FloorOf(room)) violations.Add($"{room} uses {other}: {where} -> {used.FullName}");
            }
        }
        Assert.Empty(violations);
    }

    [Fact]
    public void Every_type_lives_in_a_room()
    {
        var homeless = s_engine.GetTypes()
            .Where(t => t.Namespace.StartsWith("Haq.Engine", StringComparison.Ordinal) && !s_floors.Any(floor => floor.Contains(RoomOf(t.FullName))))
            .Select(t => t.FullName);
        Assert.Empty(homeless);
    }

    [Fact]
    public void No_static_field_can_be_changed()
    {
        var mutable = s_engine.GetTypes()
            .Where(t => RoomOf(t.FullName).Length > 0 && !IsGenerated(t))
            .SelectMany(t => t.Fields)
            .Where(f => f.IsStatic && !f.IsInitOnly && !f.IsLiteral && !f.Name.StartsWith('<'))
            .Select(f => f.FullName);
        Assert.Empty(mutable);
    }

    private static bool IsGenerated(TypeDefinition type) =>
        type.Name.StartsWith('<') || (type.DeclaringType is { } outer && IsGenerated(outer));

    private static int FloorOf(string room) => Array.FindIndex(s_floors, floor => floor.Contains(room));

    private static string RoomOf(string fullName)
    {
        const string root = "Haq.Engine.";
        if (!fullName.StartsWith(root, StringComparison.Ordinal)) return "";
        string rest = fullName[root.Length..];
        int dot = rest.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? "(root)" : rest[..dot];
    }

    private static IEnumerable<(TypeReference Used, string Where)> UsedTypes(TypeDefinition type)
    {
        if (type.BaseType is { } parent) foreach (var t in Parts(parent)) yield return (t, type.FullName);
        foreach (var implemented in type.Interfaces) foreach (var t in Parts(implemented.InterfaceType)) yield return (t, type.FullName);
        foreach (var attribute in type.CustomAttributes) yield return (attribute.AttributeType, type.FullName);
        foreach (var field in type.Fields) foreach (var t in Parts(field.FieldType)) yield return (t, field.FullName);
        foreach (var method in type.Methods)
        {
            foreach (var t in Parts(method.ReturnType)) yield return (t, method.FullName);
            foreach (var parameter in method.Parameters) foreach (var t in Parts(parameter.ParameterType)) yield return (t, method.FullName);
            if (!method.HasBody) continue;
            foreach (var local in method.Body.Variables) foreach (var t in Parts(local.VariableType)) yield return (t, method.FullName);
            foreach (var instruction in method.Body.Instructions)
                foreach (var operand in Operand(instruction))
                    foreach (var t in Parts(operand)) yield return (t, method.FullName);
        }
    }

    private static IEnumerable<TypeReference> Operand(Instruction instruction)
    {
        switch (instruction.Operand)
        {
            case TypeReference type:
                yield return type;
                break;
            case MethodReference method:
                yield return method.DeclaringType;
                yield return method.ReturnType;
                foreach (var parameter in method.Parameters) yield return parameter.ParameterType;
                if (method is GenericInstanceMethod generic) foreach (var argument in generic.GenericArguments) yield return argument;
                break;
            case FieldReference field:
                yield return field.DeclaringType;
                yield return field.FieldType;
                break;
        }
    }

    private static IEnumerable<TypeReference> Parts(TypeReference type)
    {
        yield return type.GetElementType();
        if (type is GenericInstanceType generic)
            foreach (var argument in generic.GenericArguments)
                foreach (var part in Parts(argument)) yield return part;
        else if (type is TypeSpecification { ElementType: { } element })
            foreach (var part in Parts(element)) yield return part;
    }
}
