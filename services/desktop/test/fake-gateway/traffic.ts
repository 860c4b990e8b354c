// Life for the live view: agents 2 to 5 log in, take and end calls.
import { customers } from './demo';
import type { FakeGateway } from './fake-gateway';
import { randomFrom } from './reports';

const kRobots = ['agent2', 'agent3', 'agent4', 'agent5'];

export function keepBusy({ world }: FakeGateway): () => void {
  const random = randomFrom(11);
  for (const id of kRobots) {
    world.signIn(id);
    world.setState(id, id === 'agent5' ? 'AGENT_STATE_NOT_READY' : 'AGENT_STATE_READY', id === 'agent5' ? 'lunch' : '');
  }
  const step = () => {
    if (random() < 0.35) {
      const [number, name] = customers[Math.floor(random() * customers.length)] ?? ['', ''];
      const queueId = random() < 0.6 ? 'sales' : 'support';
      world.ringIn({ number, name, queueId, data: { Тариф: 'Бизнес', 'Номер договора': '18-204/77', Город: 'Казань' } });
    }
    for (const call of [...world.calls.values()]) {
      const robot = call.agent && kRobots.includes(call.agent.user.id);
      if (robot && !call.answered && random() < 0.6) world.pickUp(call.id);
      else if (robot && call.answered && random() < 0.12) world.customerHangsUp(call.id);
      else if (!call.agent && random() < 0.03) world.customerHangsUp(call.id);
    }
  };
  const timer = setInterval(step, 2000);
  return () => clearInterval(timer);
}
